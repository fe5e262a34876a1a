import nx from '@nx/eslint-plugin';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Core and compiler projects run anywhere and are pure: no clock, no randomness, no timers, no I/O. */
const pure = {
  files: ['libs/{contracts,stream-core,rule-lang,case-model,ingest,rule-engine,demo-traffic}/src/**/*.ts'],
  ignores: ['**/*.spec.ts', '**/*.bench.ts', '**/testing/**'],
  rules: {
    'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: 'core libraries run anywhere: no node modules' }, { group: ['**/testing/*', '**/testing'], message: 'src may not import testing/' }] }],
    'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'process', 'Buffer'],
    'no-restricted-syntax': ['error',
      { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'time is an argument' },
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'time is an argument' },
      { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'randomness is an argument' },
      { selector: 'ExportAllDeclaration', message: 'name what is exported' }],
  },
};

const boundaries = {
  files: ['libs/**/*.ts', 'apps/**/*.{ts,tsx}', 'e2e/**/*.ts', 'bench/**/*.ts'],
  plugins: { '@nx': nx },
  rules: {
    '@nx/enforce-module-boundaries': ['error', {
      allow: [],
      depConstraints: [
        { sourceTag: 'layer:contracts', onlyDependOnLibsWithTags: [], allowedExternalImports: ['zod'] },
        { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:core'], allowedExternalImports: ['zod', 'yaml', 're2js'] },
        { sourceTag: 'layer:compiler', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:core'], allowedExternalImports: ['zod', 're2js'] },
        { sourceTag: 'layer:connector', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:core', 'layer:compiler'] },
        { sourceTag: 'layer:pipeline', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:core', 'layer:compiler', 'layer:connector'] },
        { sourceTag: 'layer:server', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:core', 'layer:compiler', 'layer:connector', 'layer:pipeline'] },
        { sourceTag: 'layer:app', notDependOnLibsWithTags: ['layer:app'] },
        { sourceTag: 'layer:e2e', onlyDependOnLibsWithTags: ['layer:contracts'] },
        { sourceTag: 'layer:bench', notDependOnLibsWithTags: ['layer:app', 'layer:server'] },
        { sourceTag: 'runs:anywhere', onlyDependOnLibsWithTags: ['runs:anywhere'], bannedExternalImports: ['@nestjs/*', 'typeorm', 'pg', 'kafkajs', 'ioredis', 'next', 'react'] },
        { sourceTag: 'runs:browser', onlyDependOnLibsWithTags: ['runs:anywhere'] },
      ],
    }],
  },
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/out/**', '**/.next/**', '**/node_modules/**', '**/next-env.d.ts'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.recommended],
    plugins: { 'import-x': importX },
    settings: { 'import-x/extensions': ['.ts', '.tsx', '.js'], 'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] }, 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.tsx', '.js', '.mjs'], extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } })] },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
    },
  },
  boundaries,
  pure,
  // Property tests and generators: the one outside package tests of core libraries may use.
  {
    files: ['**/*.spec.ts', '**/*.spec.tsx', '**/*.bench.ts', '**/testing/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
