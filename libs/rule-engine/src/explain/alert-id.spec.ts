import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { alertId } from './alert-id.js';

describe('alertId', () => {
  it('is the first 32 hex digits of SHA-256 over the texts joined by U+001F', () => {
    const expected = createHash('sha256').update(['probe-then-purchase', '0123456789abcdef', 'c1', 'm-é', 'd'].join('\u001f'), 'utf8').digest('hex').slice(0, 32);
    expect(alertId('probe-then-purchase', '0123456789abcdef', ['c1', 'm-é'], 'd')).toBe(expected);
  });
  it('has no key text for a rule without a key', () => {
    expect(alertId('r', 'v', [], 'e')).toBe(createHash('sha256').update('r\u001fv\u001fe').digest('hex').slice(0, 32));
  });
});
