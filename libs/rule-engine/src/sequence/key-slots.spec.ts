import { describe, expect, it } from '@jest/globals';
import { KeySlots, noSlot } from './key-slots.js';

describe('slots of keys', () => {
  it.each(['card 1', '', '\ufeffcard 1', 'ключ\u001f🙂', 'k'.repeat(100)])('give back the text of %j', (text) => {
    const slots = new KeySlots(7);
    expect(slots.find(slots.bytesOf(text))).toBe(noSlot);
    const slot = slots.add(slots.bytesOf(text));
    expect(slots.find(slots.bytesOf(text))).toBe(slot);
    expect(slots.textOf(slot)).toBe(text);
    slots.remove(slot);
    expect([slots.find(slots.bytesOf(text)), slots.size]).toEqual([noSlot, 0]);
  });
});
