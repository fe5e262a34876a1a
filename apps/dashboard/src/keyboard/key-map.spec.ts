import { describe, expect, it } from '@jest/globals';
import { ariaShortcuts, bindings, chordOf, keyText, resolveKey } from './key-map';
import type { KeyPress, KeyState } from './key-map';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({ key, ctrl: false, meta: false, alt: false, shift: false, composing: false, target: 'other', ...more });
const everything = new Set(bindings.map((b) => b.action));
const state = (more: Partial<KeyState> = {}): KeyState => ({ singleKeys: true, layers: [everything], ...more });
const act = (p: KeyPress, s: KeyState = state()): string => { const r = resolveKey(p, s); return r.kind === 'action' ? r.action : r.kind; };

describe('chords', () => {
  it.each([
    ['a letter is upper case with or without caps lock', press('j'), 'J'],
    ['shift tells letters apart', press('J', { shift: true }), 'Shift+J'],
    ['shift does not tell symbols apart', press('?', { shift: true }), '?'],
    ['Ctrl and Cmd are one', press('k', { meta: true }), 'Ctrl+K'],
    ['AltGr that types a bracket is the bracket', press('[', { alt: true, ctrl: true }), '['],
    ['Alt is nobody\'s', press('j', { alt: true }), undefined],
    ['a bare modifier is nothing', press('Shift', { shift: true }), undefined],
    ['space has a name', press(' '), 'Space'],
  ])('%s', (_name, p, chord) => { expect(chordOf(p)).toBe(chord); });
});

describe('matching', () => {
  it('finds the action of each binding by its first key', () => {
    for (const b of bindings) {
      const [first = '', second] = (b.keys[0] ?? '').split(' ');
      const plain = first.replace('Ctrl+', '').replace('Shift+', '');
      const p = press(plain === 'Space' ? ' ' : plain, { ctrl: first.includes('Ctrl+'), shift: first.includes('Shift+') });
      const only = state({ layers: [new Set([b.action])] });
      const first1 = resolveKey(p, only);
      if (second === undefined) expect(first1).toEqual({ kind: 'action', action: b.action });
      else {
        expect(first1).toEqual({ kind: 'pending', first });
        expect(act(press(second), { ...only, pending: first })).toBe(b.action);
      }
    }
  });
  it('does nothing while typing, but opens the palette and moves regions', () => {
    expect(act(press('j', { target: 'text' }))).toBe('none');
    expect(act(press('Enter', { target: 'text' }))).toBe('none');
    expect(act(press('k', { ctrl: true, target: 'text' }))).toBe('palette');
    expect(act(press('F6', { target: 'text' }))).toBe('region.next');
  });
  it('leaves Enter and Space to a focused button, not other keys', () => {
    expect(act(press('Enter', { target: 'button' }))).toBe('none');
    expect(act(press(' ', { target: 'button' }))).toBe('none');
    expect(act(press('2', { target: 'button' }))).toBe('decide.false_positive');
  });
  it('does nothing while an input method composes', () => { expect(act(press('j', { composing: true }))).toBe('none'); });
  it('does nothing with single keys off, while named and Ctrl keys still work', () => {
    const off = state({ singleKeys: false });
    expect(act(press('j'), off)).toBe('none');
    expect(act(press('?'), off)).toBe('none');
    expect(act(press('J', { shift: true }), off)).toBe('none');
    expect(act(press('ArrowDown'), off)).toBe('list.down');
    expect(act(press('k', { ctrl: true }), off)).toBe('palette');
  });
  it('does not match with a modifier that is not listed', () => {
    expect(act(press('j', { ctrl: true }))).toBe('none');
    expect(act(press('2', { ctrl: true }))).toBe('none');
  });
  it('asks the innermost layer first', () => {
    const layers = [new Set(['alert.next']), new Set(['list.down', 'keys'])];
    expect(act(press('j'), state({ layers }))).toBe('alert.next');
    expect(act(press('?'), state({ layers }))).toBe('keys');
  });
  it('drops a sequence on a key that does not continue it', () => {
    expect(act(press('x'), state({ pending: 'G' }))).toBe('none');
    expect(act(press('a'), state({ pending: 'G' }))).toBe('go.alerts');
  });
});

it('writes keys for people and for assistive technology', () => {
  expect(keyText('palette')).toBe('Ctrl K');
  expect(ariaShortcuts('undo')).toBe('Z Control+Z');
  expect(ariaShortcuts('go.alerts')).toBeUndefined();
});
