import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { Compartment, type Extension, RangeSet, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  GutterMarker,
  gutterLineClass,
  keymap,
  lineNumbers,
  WidgetType,
} from '@codemirror/view'

/** Something about a line: where, one sentence, and the line as it should be or could be. */
export type LineMark = {
  line: number
  column: number
  endColumn: number
  /** Whether the line cannot be submitted, or the reader should only know. */
  tone: 'bad' | 'note'
  sentence: string
  fix?: { label: string; text: string }
}

/** The most marks with a sentence of their own; the strip below the editor counts all of them. */
export const mostSentences = 1000

const setMarks = StateEffect.define<readonly LineMark[]>()

class Sentence extends WidgetType {
  readonly mark: LineMark
  constructor(mark: LineMark) {
    super()
    this.mark = mark
  }

  override eq(other: Sentence): boolean {
    const { sentence, fix, tone } = other.mark
    return sentence === this.mark.sentence && fix?.text === this.mark.fix?.text && tone === this.mark.tone
  }

  override toDOM(view: EditorView): HTMLElement {
    const row = document.createElement('div')
    row.className = `cm-why cm-${this.mark.tone}`
    row.append(`${this.mark.sentence} `)
    const { fix } = this.mark
    if (fix) {
      const button = document.createElement('button')
      button.type = 'button'
      button.textContent = fix.label
      button.onclick = () => fixLineAt(view, view.posAtDOM(row), fix.text)
      row.append(button)
    }
    return row
  }

  override ignoreEvent(): boolean {
    return true
  }
}

class MarkedLine extends GutterMarker {
  override elementClass: string
  constructor(tone: LineMark['tone']) {
    super()
    this.elementClass = `cm-${tone}`
  }
}
const markedLine = { bad: new MarkedLine('bad'), note: new MarkedLine('note') }
const underlined = {
  bad: Decoration.mark({ class: 'cm-wavy' }),
  note: Decoration.mark({ class: 'cm-dotted' }),
}

type Marks = { marks: readonly LineMark[]; shown: DecorationSet; gutter: RangeSet<GutterMarker> }

function place(view: EditorView['state'], marks: readonly LineMark[]): Marks {
  const shown: { from: number; to: number; value: Decoration }[] = []
  const gutter: { from: number; to: number; value: GutterMarker }[] = []
  for (const [index, mark] of marks.entries()) {
    if (mark.line > view.doc.lines) break
    const line = view.doc.line(mark.line)
    const from = Math.min(line.from + mark.column - 1, line.to)
    const to = Math.min(line.from + mark.endColumn - 1, line.to)
    if (from < to) shown.push({ from, to, value: underlined[mark.tone] })
    if (index < mostSentences) {
      const value = Decoration.widget({ widget: new Sentence(mark), block: true, side: 1 })
      shown.push({ from: line.to, to: line.to, value })
    }
    gutter.push({ from: line.from, to: line.from, value: markedLine[mark.tone] })
  }
  return { marks, shown: RangeSet.of(shown, true), gutter: RangeSet.of(gutter, true) }
}

const marksField = StateField.define<Marks>({
  create: (state) => place(state, []),
  update(held, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(setMarks)) return place(transaction.state, effect.value)
    if (!transaction.docChanged) return held
    return {
      marks: held.marks,
      shown: held.shown.map(transaction.changes),
      gutter: held.gutter.map(transaction.changes),
    }
  },
  provide: (field) => [
    EditorView.decorations.from(field, (held) => held.shown),
    gutterLineClass.from(field, (held) => held.gutter),
  ],
})

function fixLineAt(view: EditorView, position: number, text: string): void {
  const line = view.state.doc.lineAt(position)
  view.dispatch({ changes: { from: line.from, to: line.to, insert: text }, userEvent: 'input.fix' })
  view.focus()
}

/** The longest file that is read; the server takes no more either. */
const maxFileBytes = 12_000_000

/** Puts the entries of dropped text files where they were dropped; anything else is left to the editor. */
function takeFiles(
  event: DragEvent,
  view: EditorView,
  tidy: (text: string, fileName: string) => string,
): boolean {
  const files = [...(event.dataTransfer?.files ?? [])].filter((file) => /\.(txt|csv)$/i.test(file.name))
  if (files.length === 0) return false
  event.preventDefault()
  const at = view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? view.state.doc.length
  const small = files.filter((file) => file.size <= maxFileBytes)
  void Promise.all(small.map(async (file) => tidy(await file.text(), file.name))).then((texts) => {
    const line = view.state.doc.lineAt(Math.min(at, view.state.doc.length))
    const insert = (line.text.trim() === '' ? '' : '\n') + texts.join('\n')
    view.dispatch({ changes: { from: line.to, insert }, userEvent: 'input.drop' })
    view.focus()
  })
  return true
}

const theme = EditorView.theme({
  '&': { fontSize: '12.5px', backgroundColor: 'var(--panel)', borderRadius: '8px 8px 0 0' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--font-mono)',
    lineHeight: '22px',
    maxHeight: '52vh',
  },
  '.cm-content, .cm-gutter': { minHeight: '232px' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft) !important',
  },
  '.cm-gutters': {
    backgroundColor: 'var(--sunk)',
    color: 'var(--muted)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 10px 0 12px', minWidth: '44px' },
  '.cm-gutterElement.cm-bad': {
    color: 'var(--fail)',
    fontWeight: '600',
    boxShadow: 'inset 2px 0 var(--fail)',
  },
  '.cm-gutterElement.cm-note': {
    color: 'var(--wait)',
    fontWeight: '600',
    boxShadow: 'inset 2px 0 var(--wait)',
  },
  '.cm-line': { padding: '0 12px' },
  '.cm-wavy': { textDecoration: 'underline wavy var(--fail) 1px', textUnderlineOffset: '3px' },
  '.cm-dotted': { textDecoration: 'underline dotted var(--wait) 1px', textUnderlineOffset: '3px' },
  '.cm-why': {
    padding: '0 12px 4px',
    font: '12px/18px var(--font-sans)',
    color: 'var(--fail)',
    whiteSpace: 'normal',
    // Long lines scroll sideways; their sentences stay in view.
    position: 'sticky',
    left: '45px',
    width: 'fit-content',
    maxWidth: 'min(1080px, calc(100vw - 80px))',
  },
  '.cm-why.cm-note': { color: 'var(--wait)' },
  '.cm-why button': { color: 'var(--accent)', fontWeight: '500', padding: '3px 0', margin: '-3px 0' },
  '.cm-placeholder': { color: 'var(--muted)' },
})

/** What the page does with the editor. */
export type LinesEditor = {
  text(): string
  /** Replaces the text, keeping undo. */
  setText(text: string): void
  setMarks(marks: readonly LineMark[]): void
  /** Says what the lines are, as another method or language does. */
  setLabel(label: string): void
  /** Moves to the next line that needs attention, from the top again after the last. */
  nextProblem(): void
  focus(): void
  destroy(): void
}

/**
 * A line editor in `parent`: numbers, a mark and one sentence per bad line, 10,000 lines without delay.
 * F8 goes to the next problem, Ctrl/Cmd+. takes its offered form, Ctrl/Cmd+Enter submits.
 */
export function createLinesEditor(
  parent: HTMLElement,
  options: {
    text: string
    label: string
    describedBy: string
    onChange: (text: string) => void
    onSubmit: () => void
    /** What becomes of text that is pasted or dropped. */
    tidy: (text: string, fileName?: string) => string
  },
): LinesEditor {
  const label = new Compartment()
  const labelled = (words: string) => EditorView.contentAttributes.of({ 'aria-label': words })
  const nextProblem = (view: EditorView): boolean => {
    const { marks } = view.state.field(marksField)
    const current = view.state.doc.lineAt(view.state.selection.main.head).number
    const problems = marks.filter((mark) => mark.tone === 'bad')
    const next = problems.find((mark) => mark.line > current) ?? problems[0]
    if (!next || next.line > view.state.doc.lines) return false
    const line = view.state.doc.line(next.line)
    const anchor = Math.min(line.from + next.column - 1, line.to)
    view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) })
    view.focus()
    return true
  }
  const fixHere = (view: EditorView): boolean => {
    const position = view.state.selection.main.head
    const current = view.state.doc.lineAt(position).number
    const fix = view.state.field(marksField).marks.find((mark) => mark.line === current)?.fix
    if (fix) fixLineAt(view, position, fix.text)
    return fix !== undefined
  }
  const submit = () => {
    options.onSubmit()
    return true
  }
  const extensions: Extension[] = [
    lineNumbers(),
    history(),
    drawSelection(),
    marksField,
    theme,
    keymap.of([
      { key: 'Mod-Enter', run: submit, preventDefault: true },
      { key: 'F8', run: nextProblem, preventDefault: true },
      { key: 'Mod-.', run: fixHere, preventDefault: true },
      ...defaultKeymap.filter((binding) => binding.key !== 'Mod-Enter'),
      ...historyKeymap,
    ]),
    EditorView.clipboardInputFilter.of((text) => options.tidy(text)),
    EditorView.domEventHandlers({ drop: (event, view) => takeFiles(event, view, options.tidy) }),
    EditorView.contentAttributes.of({
      'aria-describedby': options.describedBy,
      spellcheck: 'false',
      // Also where what is scrolled is all that there is.
      tabindex: '0',
    }),
    label.of(labelled(options.label)),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) options.onChange(update.state.doc.toString())
    }),
  ]
  // The document's own: a page that the router fetched later was sent with a nonce of another request.
  const nonce = document.querySelector<HTMLElement>('script[nonce]')?.nonce
  if (nonce) extensions.push(EditorView.cspNonce.of(nonce))
  const view = new EditorView({ doc: options.text, extensions, parent })
  view.dispatch({ selection: { anchor: view.state.doc.length } })
  return {
    text: () => view.state.doc.toString(),
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    setMarks: (marks) => view.dispatch({ effects: setMarks.of(marks) }),
    setLabel: (words) => view.dispatch({ effects: label.reconfigure(labelled(words)) }),
    nextProblem: () => nextProblem(view),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}
