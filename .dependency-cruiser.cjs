// The import rule of docs/architecture.md: data flows one way round the circle, so imports do too.
const only = (name, from, allowed) => ({
  name, severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^(src|sandbox|client|test|bench)/', pathNot: `^src/(${[from, ...allowed].join('|')})/` },
});
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('domain-imports-nothing', 'domain', []),
    { name: 'domain-needs-only-zod', severity: 'error', from: { path: '^src/domain/' }, to: { dependencyTypes: ['npm', 'npm-dev', 'core', 'npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/zod/' } },
    only('ports-import-domain', 'ports', ['domain']),
    only('eventLog-imports-domain-and-ports', 'eventLog', ['domain', 'ports']),
    only('commands-import-domain-and-ports', 'commands', ['domain', 'ports', 'eventLog']),
    only('projections-import-domain-and-ports', 'projections', ['domain', 'ports', 'eventLog']),
    only('adapters-import-ports-domain-commands', 'adapters', ['domain', 'ports', 'eventLog', 'commands']),
    only('http-imports-commands-and-queries', 'http', ['domain', 'ports', 'eventLog', 'commands', 'projections']),
    { name: 'src-knows-no-tests', severity: 'error', from: { path: '^(src|sandbox)/' }, to: { path: '^(test|bench)/' } },
    { name: 'only-main-and-cli-build-things', severity: 'error', from: { path: '^src/', pathNot: '^src/(main\\.ts|cli/)' }, to: { path: '^(src/(main\\.ts|cli/)|sandbox/)' } },
    { name: 'sandbox-stands-alone', severity: 'error', from: { path: '^sandbox/' }, to: { path: '^src/' } },
    { name: 'no-dev-dependency-in-the-product', severity: 'error', from: { path: '^(src|sandbox)/' }, to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm'] } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] } },
};
