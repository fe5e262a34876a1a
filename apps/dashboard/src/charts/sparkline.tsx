import type { ReactNode } from 'react';

/** A small line as an image with one sentence; values from 0, oldest first; drawn by hand because table cells hold no chart library. */
export function Sparkline({ values, label, width = 88, height = 20, stretch = false }: { readonly values: readonly number[]; readonly label: string; readonly width?: number; readonly height?: number; /** Fills the width of its place. */ readonly stretch?: boolean }): ReactNode {
  const top = Math.max(1, ...values);
  const step = values.length > 1 ? (width - 4) / (values.length - 1) : 0;
  const points = values.map((v, i) => `${(2 + i * step).toFixed(1)},${(height - 2 - (v / top) * (height - 4)).toFixed(1)}`);
  return (
    <svg role="img" aria-label={label} viewBox={`0 0 ${width} ${height}`} width={stretch ? '100%' : width} height={height} preserveAspectRatio={stretch ? 'none' : 'xMidYMid meet'} className={stretch ? 'block min-w-0 flex-1' : 'inline-block shrink-0'}>
      <line x1="2" x2={width - 2} y1={height - 1.5} y2={height - 1.5} stroke="var(--hairline)" vectorEffect="non-scaling-stroke" />
      {points.length > 1 && <polyline points={points.join(' ')} fill="none" stroke="var(--series-1)" strokeWidth="1.5" strokeLinejoin="round" vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}
