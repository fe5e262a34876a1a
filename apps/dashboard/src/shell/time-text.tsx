'use client';
import type { ReactNode } from 'react';
import { formatAge, formatCountdown, formatInstant, urgencyOf, zoneName } from '../format/time';
import { useNow } from './clock';
import { Icon } from './icons';
import { usePreferences } from './preferences';

/** Age of an instant, exact on hover and for copying. */
export function Age({ at }: { readonly at: number }): ReactNode {
  const now = useNow();
  const { zone } = usePreferences();
  return <time dateTime={new Date(at).toISOString()} title={`${formatInstant(at, now, zone, 'ms')} ${zoneName(at, zone)}`}>{formatAge(at, now)}</time>;
}

/** An instant in the zone of the top bar. */
export function Instant({ at, precision = 'second' }: { readonly at: number; readonly precision?: 'minute' | 'second' | 'ms' }): ReactNode {
  const now = useNow();
  const { zone } = usePreferences();
  return <time dateTime={new Date(at).toISOString()} title={`${new Date(at).toISOString()}`}>{formatInstant(at, now, zone, precision)}</time>;
}

const urgencyColour = { past: 'text-danger font-semibold', soon: 'text-medium font-medium', calm: 'text-text-2' } as const;

/** Countdown to a deadline: clock icon and words, amber under 15 minutes, red past it. */
export function Deadline({ dueAt }: { readonly dueAt: number }): ReactNode {
  const now = useNow();
  const { zone } = usePreferences();
  const urgency = urgencyOf(dueAt, now);
  return (
    <span className={`inline-flex items-center gap-1 align-bottom ${urgencyColour[urgency]}`} title={`Due ${formatInstant(dueAt, now, zone)} ${zoneName(dueAt, zone)}`}>
      {urgency !== 'calm' && <Icon name="clock" className="size-3.5" />}{formatCountdown(dueAt, now)}
    </span>
  );
}
