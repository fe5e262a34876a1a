import type { Problem } from '@weir/contracts';

/** An answer that is an error: thrown anywhere below a controller, made into RFC 9457 by the one filter. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly more: Partial<Pick<Problem, 'detail' | 'field' | 'by' | 'at' | 'version' | 'diagnostics' | 'tests'>> & { readonly headers?: Readonly<Record<string, string>> | undefined } = {},
  ) {
    super(more.detail ?? title);
  }
}

export const notFoundProblem = (what: string): ProblemError => new ProblemError(404, 'not-found', 'Not found', { detail: `There is no such ${what}.` });
