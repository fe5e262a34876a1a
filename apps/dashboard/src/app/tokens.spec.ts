import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const themes = ['light', 'dark'] as const;
type Theme = (typeof themes)[number];

/** Every `--name: light-dark(#light, #dark)` of the token file. */
const tokens = new Map([...css.matchAll(/--([\w-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)/g)].map(([, name, light, dark]) => [name ?? '', { light: light ?? '', dark: dark ?? '' }]));

function colour(name: string, theme: Theme): string {
  const found = tokens.get(name);
  if (!found) throw new Error(`no token ${name}`);
  return found[theme];
}

/** WCAG 2.2 relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['surface', 'canvas', 'sunken', 'hover', 'selected'];
const texts = ['text', 'text-2', 'text-3', 'accent', 'critical-text', 'high-text', 'medium-text', 'low-text', 'legit', 'suspicious', 'danger'];

describe.each(themes)('%s theme', (theme) => {
  it.each(texts.flatMap((text) => grounds.map((ground) => [text, ground])))('%s on %s reads at 4.5 or more', (text, ground) => {
    expect(contrast(colour(text, theme), colour(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });
  it.each([['on-accent', 'accent'], ['on-danger', 'danger-fill'], ['critical-on', 'critical-fill'], ['high-on', 'high-fill'], ['medium-text', 'medium-tint'], ['on-banner', 'banner']])('%s on %s reads at 4.5 or more', (text, ground) => {
    expect(contrast(colour(text, theme), colour(ground, theme))).toBeGreaterThanOrEqual(4.5);
  });
  it.each(grounds)('control borders on %s stand out at 3 or more', (ground) => {
    expect(contrast(colour('control', theme), colour(ground, theme))).toBeGreaterThanOrEqual(3);
  });
  it.each(['critical-fill', 'high-fill', 'medium-fill', 'low-fill', 'series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6'])('%s on surface stands out at 3 or more', (fill) => {
    expect(contrast(colour(fill, theme), colour('surface', theme))).toBeGreaterThanOrEqual(3);
  });
});

it.each([
  ['text', 17.6, 14.6], ['text-2', 7.86, 9.02], ['text-3', 5.62, 6.77], ['accent', 5.89, 7.94], ['control', 3.78, 4.13], ['critical-text', 10.7, 8.15], ['high-text', 6.59, 8.64],
  ['medium-text', 7.74, 12.78], ['low-text', 6.57, 8.5], ['legit', 6.27, 11.98], ['suspicious', 8.33, 8.27], ['danger', 7.1, 8.54],
])('%s has the ratio on surface that the design states', (name, light, dark) => {
  expect(contrast(colour(name, 'light'), colour('surface', 'light'))).toBeCloseTo(light, 1);
  expect(contrast(colour(name, 'dark'), colour('surface', 'dark'))).toBeCloseTo(dark, 1);
});
