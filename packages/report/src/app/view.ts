/** What the page shows is in the hash of its address, so that a view can be linked, and Back works. */
import { useEffect, useState } from 'preact/hooks';

export interface View {
  readonly status: string;
  readonly method: string;
  readonly backend: string;
  readonly network: string;
  /** The words of the search. */
  readonly q: string;
  /** The case and the backend whose details are shown. */
  readonly open: string;
  readonly on: string;
}

const nothing: View = { status: '', method: '', backend: '', network: '', q: '', open: '', on: '' };
const fields = Object.keys(nothing) as (keyof View)[];

export function viewOf(hash: string): View {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  return Object.fromEntries(fields.map((field) => [field, given.get(field) ?? ''])) as unknown as View;
}

export function hashOf(view: View): string {
  const given = new URLSearchParams(fields.flatMap((field) => (view[field] === '' ? [] : [[field, view[field]]])));
  return `#${given}`;
}

/** The view, and how to change it: a change of a filter is no step of the history. */
export function useView(): [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => viewOf(location.hash));
  useEffect(() => {
    const follow = (): void => setView(viewOf(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const change = (fields: Partial<View>): void => {
    const next = { ...view, ...fields };
    history.replaceState(null, '', hashOf(next));
    setView(next);
  };
  return [view, change];
}
