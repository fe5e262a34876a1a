import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arbitrarySyntax, withoutOffsets } from '../testing/arbitrary-syntax.js';
import { parseExpression } from './parser.js';
import { printExpression } from './print-syntax.js';

describe('printExpression', () => {
  it('prints what the parser reads as the same tree', () => {
    fc.assert(fc.property(arbitrarySyntax(), (tree) => {
      const parsed = parseExpression(printExpression(tree));
      expect(parsed.ok ? withoutOffsets(parsed.tree) : parsed.fault).toEqual(withoutOffsets(tree));
    }), { numRuns: 1000 });
  });

  it('prints its own output unchanged', () => {
    fc.assert(fc.property(arbitrarySyntax(), (tree) => {
      const text = printExpression(tree);
      const parsed = parseExpression(text);
      expect(parsed.ok ? printExpression(parsed.tree) : parsed.fault).toBe(text);
    }));
  });
});

describe('parseExpression', () => {
  it('answers any text with a tree or one fault inside the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.array(fc.constantFrom('(', ')', '-', '!', 'a', '.', '[', ']', '"', "'", '1', 'in', '?', ':', '&&', ' ', 'r"', '\\', ','), { maxLength: 60 }).map((parts) => parts.join(''))), (text) => {
      const parsed = parseExpression(text);
      if (parsed.ok) return;
      expect(parsed.fault.start).toBeGreaterThanOrEqual(0);
      expect(parsed.fault.end).toBeGreaterThanOrEqual(parsed.fault.start);
      expect(parsed.fault.end).toBeLessThanOrEqual(text.length);
    }), { numRuns: 2000 });
  });

  it.each(['(', '[', '!', '-', 'a.', 'a?', 'a?b:', 'f(', '- ', '1+', 'a&&', '"', 'r"', '\\', '{', "'''"])('ends on 64 KB of %j', (part) => {
    const parsed = parseExpression(part.repeat(Math.floor(65_536 / part.length)));
    expect(parsed.ok).toBe(false);
  });
});
