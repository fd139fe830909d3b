// The ordinary suite. The fault suite (kills, races, ten per cent failures) has its own config: it is slow by nature.
export const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', {
      jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
      sourceMaps: 'inline',
    }],
  },
  modulePathIgnorePatterns: ['<rootDir>/bench/node_modules', '<rootDir>/bench/peers/node_modules'],
  testTimeout: 30_000,
};

export default {
  ...base,
  globalSetup: '<rootDir>/test/support/globalSetup.ts',
  globalTeardown: '<rootDir>/test/support/globalTeardown.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/faults/'],
  maxWorkers: 2,
};
