/** The name with its mark. */
export function Brand() {
  return (
    <span className="flex items-center gap-2 font-semibold text-[15px] tracking-tight">
      <svg
        width="20"
        height="20"
        viewBox="0 0 20 20"
        aria-hidden="true"
        fill="none"
        strokeWidth="2.4"
        strokeLinecap="round"
      >
        <path d="M2 7c3-3 5-3 8 0s5 3 8 0" stroke="var(--applied)" />
        <path d="M2 13c3-3 5-3 8 0s5 3 8 0" stroke="var(--confirmed)" />
      </svg>
      Freshet
    </span>
  )
}
