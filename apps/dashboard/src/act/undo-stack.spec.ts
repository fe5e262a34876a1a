import { describe, expect, it } from '@jest/globals';
import { popUndo, pushUndo, takeUndo, undoDepth } from './undo-stack';
import type { Undoable } from './undo-stack';

const thing = (id: number, until = 1_000): Undoable => ({ id, label: `thing ${id}`, at: 0, until });
const stackOf = (n: number): readonly Undoable[] => Array.from({ length: n }, (_, i) => thing(i)).reduce<readonly Undoable[]>(pushUndo, []);

describe('the undo stack', () => {
  it('gives back the newest first', () => {
    const { item, rest } = popUndo(stackOf(3), 0);
    expect(item?.id).toBe(2);
    expect(popUndo(rest, 0).item?.id).toBe(1);
  });
  it('is twenty deep', () => {
    const stack = stackOf(undoDepth + 5);
    expect(stack).toHaveLength(undoDepth);
    expect(stack[0]?.id).toBe(5);
  });
  it('drops what ran out, at the very millisecond', () => {
    expect(popUndo([thing(1, 500)], 499).item?.id).toBe(1);
    expect(popUndo([thing(1, 500)], 500)).toEqual({ item: undefined, rest: [] });
  });
  it('takes one out of the middle', () => {
    const { item, rest } = takeUndo(stackOf(3), 1, 0);
    expect(item?.id).toBe(1);
    expect(rest.map((u) => u.id)).toEqual([0, 2]);
  });
});
