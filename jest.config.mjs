/** Unit, property and API tests; `e2e/` (black box, real processes) has its own run in tools/test.mjs. */
const swc = ['@swc/jest', {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', tsx: true, decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, react: { runtime: 'automatic' } },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
}];

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.tsx?$': swc },
  moduleNameMapper: {
    '^@weir/([^/]+)/testing$': '<rootDir>/libs/$1/src/testing/index.ts',
    '^@weir/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testMatch: ['<rootDir>/libs/**/src/**/*.spec.{ts,tsx}', '<rootDir>/apps/**/src/**/*.spec.{ts,tsx}', '<rootDir>/tools/**/*.spec.ts', '<rootDir>/bench/src/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/out/', '/.next/'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/apps/dashboard/(out|\\.next)/'],
  setupFiles: ['<rootDir>/tools/property-seed.mjs'],
  maxWorkers: 2,
  workerIdleMemoryLimit: '700MB',
  testTimeout: 60_000,
};
