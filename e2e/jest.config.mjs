/** Black box: real processes, a real browser. Needs the build; run by tools/test.mjs after it. */
const swc = ['@swc/jest', {
  jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
  module: { type: 'es6' },
  sourceMaps: 'inline',
}];

export default {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': swc },
  moduleNameMapper: {
    '^@weir/([^/]+)$': '<rootDir>/../libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testMatch: ['<rootDir>/src/**/*.e2e.ts'],
  maxWorkers: 1,
  testTimeout: 180_000,
};
