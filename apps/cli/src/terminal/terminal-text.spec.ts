import { describe, expect, it } from '@jest/globals';
import type { Diagnostic } from '@weir/contracts';
import { countText, diagnosticText } from './diagnostic-text.js';
import { ProgressBar, progressLine } from './progress-bar.js';
import type { Terminal } from './terminal.js';

const finding: Diagnostic = {
  code: 'unknown-field', severity: 'error', message: 'payment has no field amout', file: 'rules/a.yaml', line: 2, column: 7, endLine: 2, endColumn: 12, hint: 'did you mean amount?',
};

function recording(isInteractive: boolean): { terminal: Terminal; err: string[] } {
  const err: string[] = [];
  return { err, terminal: { out: () => undefined, err: (text) => { err.push(text); }, drained: () => Promise.resolve(), isInteractive, columns: 200 } };
}

describe('a finding', () => {
  it('names file, line and column, marks the place and gives the hint', () => {
    expect(diagnosticText(finding, 'rule: a\nwhen: amout > 5\n')).toBe([
      'rules/a.yaml:2:7 error unknown-field: payment has no field amout',
      '    2 | when: amout > 5',
      '      |       ^^^^^',
      '  hint: did you mean amount?',
      '',
    ].join('\n'));
  });

  it('keeps the mark in sight on a very long line', () => {
    const text = diagnosticText({ ...finding, line: 1, endLine: 1, column: 501, endColumn: 506 }, `${'x'.repeat(500)}amout`);
    expect(text).toContain(`| ${' '.repeat(80)}^^^^^`);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(200);
  });

  it('is counted in words', () => {
    expect(countText(0, 0)).toBe('no findings');
    expect(countText(2, 1)).toBe('2 errors, 1 warning');
    expect(countText(0, 3)).toBe('3 warnings');
  });
});

describe('the progress bar', () => {
  it('shows share, rate and what is left', () => {
    expect(progressLine('backtest', 0.5, 1_000_000, 10)).toBe('backtest [##########..........]  50 %  1,000,000 events  100,000/s  10 s left');
    expect(progressLine('ingest', undefined, 5, 0)).toBe('ingest  5 events  0/s');
  });

  it('writes nothing where nobody looks', () => {
    const { terminal, err } = recording(false);
    const bar = new ProgressBar(terminal, 'backtest', () => 0);
    bar.show(0.5, 10);
    bar.end();
    expect(err).toEqual([]);
  });

  it('writes a line after a second and every ten where nobody looks but somebody may wait', () => {
    const { terminal, err } = recording(false);
    let now = 5_000;
    const bar = new ProgressBar(terminal, 'explain', () => now, { lines: true });
    for (; now < 27_000; now += 100) bar.show((now - 5_000) / 100_000, now);
    bar.end();
    expect(err).toEqual([
      'explain [....................]   1 %  6,000 events  6,000/s\n',
      'explain [##..................]  11 %  16,000 events  1,455/s  89 s left\n',
      'explain [####................]  21 %  26,000 events  1,238/s  79 s left\n',
    ]);
  });

  it('draws ten times a second at most and takes its line away', () => {
    const { terminal, err } = recording(true);
    let now = 0;
    const bar = new ProgressBar(terminal, 'backtest', () => now);
    for (now = 0; now < 1_000; now += 10) bar.show(now / 1_000, now);
    bar.end();
    expect(err).toHaveLength(11);
    expect(err.at(-1)).toBe('\r\u001b[K');
  });
});
