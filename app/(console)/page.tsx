import { redirect } from 'next/navigation'

// The Overview comes with its own figures; until then a purge is what people come for.
export default function HomePage() {
  redirect('/purge')
}
