import { ruleTexts } from './rule-pack.js';
import type { RuleText } from './rule-pack.js';

const countries = ['GB', 'FR', 'DE', 'ES', 'IT', 'NL', 'BE', 'PL'] as const;

/** The pack and variants of its conditions, `count` rules in all: for one country each, thresholds from 1 to 2 times those of the pack. */
export function manyRules(count: number): readonly RuleText[] {
  const pack = ruleTexts();
  const conditions = pack.filter(({ text }) => text.includes('\nwhen: '));
  const variants = Array.from({ length: Math.max(0, count - pack.length) }, (_, i): RuleText => {
    const { id, text } = conditions[i % conditions.length] as RuleText; // below the length
    const turn = Math.floor(i / conditions.length);
    const country = countries[turn % countries.length] ?? 'GB';
    const own = `${id}-v${i}`;
    const stricter = text.replaceAll(/(>=?) (\d+)(\.00)?(?!\d|\.)/g, (_all, than: string, whole: string, decimals = '') => `${than} ${Math.round(Number(whole) * (1 + 0.01 * turn))}${String(decimals)}`);
    return { id: own, text: stricter.replaceAll(id, own).replace('\nwhen: ', `\nwhen: country == "${country}" && `) };
  });
  return [...pack, ...variants];
}

/** How much slower the clock of {@link slowedRules} goes: 5 minutes are 30 days. */
export const slowdown = 8_640;

/** The pack with every span `slowdown` times as long: 1, 5, 10, 15 minutes become 6, 30, 60, 90 days. */
export function slowedRules(): readonly RuleText[] {
  return ruleTexts().map(({ id, text }) => ({ id, text: text.replaceAll(/("|within: )(1|5|10|15)m/g, (_all, before: string, minutes: string) => `${before}${Number(minutes) * 6}d`) }));
}
