import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readConfig, settingNames } from '../src/config.ts';

type Service = {
  image?: string; build?: string; environment?: Record<string, string>; healthcheck?: { test: string[] }; volumes?: string[]; ports?: string[];
  depends_on?: Record<string, { condition: string }>;
};
const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const compose = parse(file('docker-compose.yml')) as { services: Record<string, Service>; volumes: Record<string, unknown> };
const dockerfile = file('Dockerfile');
const services = Object.entries(compose.services);
const packageJson = JSON.parse(file('package.json')) as { engines: { node: string }; devDependencies: Record<string, string>; scripts: Record<string, string> };

describe('docker-compose.yml', () => {
  it('starts the four parts of the distributed mode', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['eventstore', 'kafka', 'lectern', 'postgres']);
  });

  it.each(services)('%s pins its version and has a health check', (_, service) => {
    if (service.image) expect(service.image).toMatch(/^[\w./-]+:\d+\.\d+(\.\d+)?(-\w+)?$/);
    else expect(service.build).toBe('.');
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
  });

  it('waits for healthy neighbours, which exist', () => {
    for (const [name, { condition }] of Object.entries(compose.services['lectern']!.depends_on!)) {
      expect(Object.keys(compose.services)).toContain(name);
      expect(condition).toBe('service_healthy');
    }
  });

  it('declares every named volume that it mounts, and no other', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0]!));
    expect(mounted.sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it('gives Lectern only variables that it knows, and a configuration that it accepts', () => {
    const environment = compose.services['lectern']!.environment!;
    for (const name of Object.keys(environment)) expect(settingNames()).toContain(name);
    const given = { POSTGRES_PASSWORD: 'pw', LECTERN_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'), LECTERN_JWT_SECRET: 'x'.repeat(40), LECTERN_SANDBOX: 'true' };
    const substituted = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [
        name,
        value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, variable: string, kind: string, text: string) => given[variable as keyof typeof given] ?? (kind === '-' ? text : `MISSING ${variable}`)),
      ]),
    );
    expect(Object.values(substituted).join()).not.toContain('MISSING');
    const config = readConfig(substituted);
    expect(new URL(config.DATABASE_URL!).hostname).toBe('postgres');
    expect(new URL(config.EVENTSTORE_URL!.replace('esdb:', 'http:')).hostname).toBe('eventstore');
  });

  it('has no default for a secret', () => {
    expect(file('docker-compose.yml').match(/\$\{(?:POSTGRES_PASSWORD|LECTERN_MASTER_KEY|LECTERN_JWT_SECRET):-/g)).toBeNull();
  });

  it('publishes nothing beyond this host', () => {
    for (const [, { ports = [] }] of services) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});

describe('Dockerfile', () => {
  it('builds in stages on pinned images of a Node that the package allows', () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]!);
    expect(images).toHaveLength(3);
    for (const image of images) expect(image).toMatch(/^node:24\.\d+-/);
    expect(packageJson.devDependencies['node']).toMatch(/^\^24\./);
  });

  it('runs as an unprivileged user, with what npm start runs', () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    const command = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)![1]!) as string[];
    expect(command.join(' ')).toBe(packageJson.scripts['start']);
  });

  it('copies every folder that the product runs on, and none that .dockerignore keeps out', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(\S+) \.\/\S+$/gm)].map((match) => match[1]!);
    expect(copied).toEqual(expect.arrayContaining(['src', 'sandbox']));
    for (const ignored of file('.dockerignore').split('\n').filter(Boolean)) expect(copied).not.toContain(ignored);
  });
});
