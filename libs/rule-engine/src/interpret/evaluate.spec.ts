import { describe, expect, it } from '@jest/globals';
import type { FieldValue } from '@weir/contracts';
import { geoUnitVector } from '@weir/rule-lang';
import { alertsOf, logOf, testStart } from '../testing/play-rule.js';
import { createInterpreter } from './interpreter.js';

const fields: Readonly<Record<string, FieldValue>> = {
  amount: '12.5', tries: 7, score: 0.1, declined: true, currency: 'Straße 😀～', seen_at: testStart + 86_399_999, place: geoUnitVector(51.5074, -0.1278),
};

/** The value of an expression for a payment with the fields above, as the explanation shows it; unknown ones with what was missing. */
function shown(expression: string): string {
  const [alert] = alertsOf(createInterpreter, `let:\n  shown: |-\n    ${expression}\nwhen: acct == "a"`, logOf([{ id: 'x', at: 0, fields }]), { models: { risk: 0.93 } });
  const value = alert?.explanation?.lets[0]?.node.value;
  return value === undefined ? 'no alert' : value.type === 'unknown' ? `? ${value.missing?.join(', ') ?? ''}` : value.text;
}

describe('expressions', () => {
  it.each([
    // exact numbers: no rounding, no integer division
    ['7 / 2', '3.50'], ['amount * 3', '37.50'], ['amount - 12.4 + 0.2 == 0.3', 'true'], ['amount / 3 * 3 == amount', 'true'], ['-7 % 3', '-1'], ['5.5 % 2', '1.5'], ['tries * 1e3 == 7000', 'true'],
    ['tries * 1000000000000000000000', '7000000000000000000000'], ['amount / (tries - 7)', '? division by zero'], ['tries % (tries - 7)', '? division by zero'],
    ['abs(amount - 20.00)', '7.50'], ['min(amount, tries)', '7.00'], ['max(amount, tries)', '12.50'], ['-amount', '-12.50'],
    // doubles: IEEE, exact side to the nearest double, not finite is unknown
    ['score + 0.2 == 0.3', 'false'], ['score + 0.2 > 0.3', 'true'], ['double(1) / double(0)', '? division by zero'], ['double(tries) * score', '0.70'], ['model("risk") > 0.65', 'true'], ['model("other")', '? no score of other'],
    // strings: by code point
    ['size(currency)', '9'], ['"～" < "😀"', 'true'], ['currency.contains("😀")', 'true'], ['currency.startsWith("Stra")', 'true'], ['currency.endsWith("～")', 'true'], ['("ÄBc" + acct).lowerAscii()', 'Äbca'],
    ['currency.matches("ß.*😀")', 'true'], ['currency.matches("^a")', 'false'], ['acct + "b"', 'ab'],
    // times
    ['ts + duration("1h30m") - ts', '1h30m'], ['(seen_at - ts) / duration("1d") < 1', 'true'], ['(ts - ts + duration("1s")) * (1 / 3) * 3 == duration("1s")', 'true'], ['ts == timestamp("2026-01-05T00:00:00Z")', 'true'],
    ['ts', '2026-01-05T00:00:00.000Z'], ['ts.getHours()', '0'], ['ts.getHours("Asia/Kathmandu")', '5'], ['ts.getMinutes("Asia/Kathmandu")', '45'], ['ts.getHours("-05:30")', '18'], ['ts.getDayOfWeek()', '1'], ['ts.getDayOfWeek("-01:00")', '0'],
    ['ts.getMonth()', '0'], ['ts.getDate()', '5'], ['ts.getDayOfMonth()', '4'], ['ts.getDayOfYear()', '4'], ['ts.getFullYear()', '2026'], ['seen_at.getSeconds()', '59'], ['seen_at.getMilliseconds()', '999'],
    // places
    ['distance_km(place, place)', '0.00'], ['place', '51.5074, -0.1278'],
  ])('%s is %s', (expression, text) => { expect(shown(expression)).toBe(text); });

  it.each([
    // unknown: an absent field, and what is made of it
    ['merchant', '? merchant'], ['merchant == merchant', '? merchant'], ['merchant != "x"', '? merchant'], ['size(merchant)', '? merchant'], ['declined && merchant == "x"', '? merchant'],
    ['!declined && merchant == "x"', 'false'], ['merchant == "x" && !declined', 'false'], ['declined || merchant == "x"', 'true'], ['merchant == "x" || declined', 'true'], ['!(merchant == "x")', '? merchant'],
    ['merchant == "x" ? 1 : 1', '? merchant'], ['declined ? amount : amount / 0.00', '12.50'], ['merchant in ["x", "y"]', '? merchant'], ['acct in ["x", "a"]', 'true'], ['acct in ["x", merchant]', '? merchant'], ['acct in [merchant, "a"]', 'true'],
    ['merchant in list("watched")', '? merchant'], ['acct in list("watched")', 'false'], ['has(merchant)', 'false'], ['has(acct)', 'true'], ['has(previous.ts)', 'false'], ['merchant.orValue("none")', 'none'], ['(amount / 0.00).orValue(1)', '1.00'],
    ['previous.amount', '? no earlier event'], ['before("1d").avg(amount)', '? no events in the window'], ['last("1d").stddev(amount)', '? fewer than two values in the window'], ['by(merchant).last("1d").count()', '? merchant'], ['by(merchant).last("1d").exists(declined)', '? merchant'],
  ])('%s is %s', (expression, text) => { expect(shown(expression)).toBe(text); });
});
