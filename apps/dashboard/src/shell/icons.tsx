import type { ReactNode } from 'react';

/** Outline icons of 16 px for navigation and buttons; always beside or under a word, so hidden from assistive technology. */
const paths = {
  overview: 'M2 13h12M4 11V7m4 4V3m4 8V6',
  alerts: 'M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5v.2',
  cases: 'M2 5h12v8H2zM5.5 5V3h5v2',
  rules: 'M3 4h10M3 8h6M3 12h8M12 7l2 1.5L12 10',
  ops: 'M1.5 9H4l2-5 3 9 2-6 1 2h2.5',
  letters: 'M2 4h12v8H2zM2 4l6 5 6-5',
  search: 'M7 2.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM10.5 10.5L14 14',
  clock: 'M8 2a6 6 0 100 12A6 6 0 008 2zM8 4.5V8l2.5 1.5',
  user: 'M8 8a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM3 13.5c.5-2.5 2.5-4 5-4s4.5 1.5 5 4',
  down: 'M4 6l4 4 4-4',
  left: 'M10 3L5 8l5 5',
  copy: 'M5 5V2.5h8.5V11H11M2.5 5H11v8.5H2.5z',
  close: 'M4 4l8 8M12 4l-8 8',
  play: 'M5 3l8 5-8 5z',
  stop: 'M4 4h8v8H4z',
} as const;

export function Icon({ name, className = '' }: { readonly name: keyof typeof paths; readonly className?: string }): ReactNode {
  return (
    <svg aria-hidden="true" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" className={`shrink-0 ${className}`}>
      <path d={paths[name]} />
    </svg>
  );
}
