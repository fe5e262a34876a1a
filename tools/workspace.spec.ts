import { describe, expect, it } from '@jest/globals';
// @ts-expect-error a script without types: it runs before anything is installed
import { errorsInTests } from './workspace.mjs';

const inTests = 'libs/ingest/src/state/intake-state.spec.ts(12,3): error TS2322: Type \'string\' is not assignable to type \'number\'.\n  The expected type comes from property \'ts\'.\nlibs/server/src/testing/test-product.ts(4,1): error TS2304: Cannot find name \'x\'.\nlibs/rule-engine/src/explain/explanation-cost.bench.ts(1,1): error TS2304: Cannot find name \'y\'.\n';

describe('a build that found type errors', () => {
  it('is good for starting when all of them lie in tests', () => {
    expect(errorsInTests(inTests)).toHaveLength(3);
  });

  it.each([
    ['one lies in the product', `${inTests}libs/ingest/src/state/intake-state.ts(12,3): error TS2322: Type.\n`],
    ['one lies in a file that is only named like a folder of tests', 'libs/server/src/testing.ts(1,1): error TS2304: Cannot find name.\n'],
    ['a project cannot be read', `${inTests}error TS5083: Cannot read file '/x/tsconfig.json'.\n`],
    ['the compiler failed otherwise', 'FATAL ERROR: Reached heap limit\n'],
  ])('is not when %s', (_name, output) => { expect(errorsInTests(output)).toBeUndefined(); });
});
