// npm run mutation -- --only verdict: what scripts/mutation.mjs gives to Stryker, for one part of the code at a time.
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'tests/mutation/vitest.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  // It rewrites this file with TypeScript's old API; the tests need no such file.
  tsconfigFile: '.cache/mutation/none.json',
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 30,
  // Mutants that start with the module would need a process each.
  ignoreStatic: true,
  reporters: ['json', 'clear-text'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  mutator: {
    // What a message or a word is, tests of words judge; a changed one says nothing of the judgement.
    excludedMutations: ['StringLiteral', 'ObjectLiteral'],
  },
  tempDirName: '.cache/mutation/sandbox',
  jsonReporter: { fileName: '.cache/mutation/report.json' },
  ignorePatterns: ['.cache', 'packages/*/dist', 'docs', 'test-images/*.img'],
  allowEmpty: true,
};
