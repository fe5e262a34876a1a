import { describe, expect, it } from '@jest/globals';
import { engineFromBytes, interpreter, naive } from '../contenders.js';
import { benchDefinition } from './definition.js';
import { Traffic, trafficOfSize } from './traffic.js';

describe('a small world', () => {
  const shape = { ...trafficOfSize(0.001), fraudShare: 0.3 };

  it('is the same on every run', () => {
    expect(new Traffic(shape).next(500)).toEqual(new Traffic(shape).next(500));
  });

  it('is made of lines of 16 fields, about 325 bytes, in order of time', () => {
    const { bytes, events } = new Traffic(shape).next(2_000);
    const parsed = new TextDecoder().decode(bytes).trimEnd().split('\n').map((line) => JSON.parse(line) as { ts: number });
    expect(new Set(parsed.map((event) => Object.keys(event).length))).toEqual(new Set([16]));
    expect(Math.abs(bytes.length / events - 325)).toBeLessThan(10);
    expect(parsed.every((event, i) => event.ts >= (parsed[i - 1]?.ts ?? 0))).toBe(true);
  });

  it('gives engine, interpreter and naive service the same alerts, from empty windows', () => {
    const { bytes } = new Traffic(shape).next(1_000);
    const expected = [...interpreter(benchDefinition(), shape).feed(bytes)].sort();
    expect(expected.length).toBeGreaterThan(20);
    expect([...engineFromBytes(benchDefinition(), shape).feed(bytes)].sort()).toEqual(expected);
    expect([...naive().feed(bytes)].sort()).toEqual(expected);
  });
});
