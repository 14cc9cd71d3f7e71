import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { deadbox } from '../support/cli.js';
import { buildCrashedDisk } from '../support/disk-writer/crashed-disk.js';
import { crashedMachine } from '../support/disk-writer/crashed-machine.js';
import { plainVolume } from '../support/encryption/volumes.js';
import { LONG } from '../support/long.js';
import { testImageNames, testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';
import { manifestOf, root, textOf } from '../support/workspace.js';

const folder = join(root, 'packages/report/schemas');
const names = readdirSync(folder).sort();
const schemas = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));

type Schema = Record<string, any>;

/** Calls `visit` for every schema below `schema`, with its place. */
function eachSchema(schema: Schema, place: string, visit: (schema: Schema, place: string) => void): void {
  visit(schema, place);
  for (const group of ['properties', '$defs']) {
    for (const [name, inner] of Object.entries<Schema>(schema[group] ?? {}))
      eachSchema(inner, `${place}/${name}`, visit);
  }
  for (const key of ['items', 'additionalProperties', 'if', 'then', 'else']) {
    if (typeof schema[key] === 'object') eachSchema(schema[key], `${place}/${key}`, visit);
  }
}

const LINE_FIELDS: Schema = { schema: {}, type: {}, provenance: {} };

/**
 * Validators of the shipped schemas, which leave objects open so that fields can be added, closed here: a field that no
 * schema describes is a fault of the schema.
 */
function closedValidators(): Record<string, ValidateFunction> {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
  for (const schema of schemas.map((open) => structuredClone(open))) {
    // A line of --ndjson has these besides what the report has.
    for (const name of ['image', 'failedImage', 'summary'])
      Object.assign(schema.$defs?.[name]?.properties ?? {}, LINE_FIELDS);
    eachSchema(schema, '', (inner, place) => {
      if (
        inner.properties !== undefined &&
        inner.$ref === undefined &&
        !place.endsWith('/if') &&
        inner.if === undefined
      )
        inner.additionalProperties ??= false;
    });
    ajv.addSchema(schema);
  }
  return Object.fromEntries(
    schemas.map(({ $id }, i) => [names[i].replace('.schema.json', ''), ajv.getSchema($id) as ValidateFunction]),
  );
}

let validators: Record<string, ValidateFunction> = {};
beforeAll(() => {
  validators = closedValidators();
});

function expectValid(name: string, value: unknown): void {
  const validate = validators[name];
  validate(value);
  expect((validate.errors ?? []).map(({ instancePath, message, params }) => [instancePath, message, params])).toEqual(
    [],
  );
}

/** Runs the command line and validates what it printed. */
function check(schema: string, args: readonly string[]): any[] {
  const { stdout, stderr } = deadbox(args);
  expect(stdout, stderr).not.toBe('');
  const lines = args.includes('--ndjson') || args.includes('ndjson');
  const printed: unknown[] = lines
    ? stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [JSON.parse(stdout)].flat();
  for (const value of printed) expectValid(schema, value);
  return printed;
}

interface Node {
  readonly type: string;
  readonly declaration?: Node | null;
  readonly body?: { readonly body: readonly { readonly type: string; readonly key?: { readonly name?: string } }[] };
}

/** Names of the members of every interface that a source declares, as a parser reads them. */
function fieldsOf(path: string): string[] {
  const { body } = parseAst(textOf(path), { lang: 'ts' }) as unknown as { body: readonly Node[] };
  return body
    .map((node) => node.declaration ?? node)
    .filter(({ type }) => type === 'TSInterfaceDeclaration')
    .flatMap((node) => node.body?.body ?? [])
    .flatMap(({ type, key }) => (type === 'TSPropertySignature' && key?.name !== undefined ? [key.name] : []));
}

describe('the schemas themselves', () => {
  test('there is one for each form of output', () => {
    expect(names).toEqual(
      [
        'boot',
        'config',
        'fix',
        'info',
        'ls',
        'reg',
        'scan',
        'stat',
        'timeline',
        'undo-result',
        'verify',
        'version',
        'walk',
        'why',
      ].map((name) => `${name}-1.schema.json`),
    );
  });

  test.each(schemas.map((schema) => [schema.title as string, schema]))('%s describes every field', (_, schema) => {
    const silent: string[] = [];
    eachSchema(schema, '', (inner, place) => {
      for (const [name, field] of Object.entries<Schema>(inner.properties ?? {})) {
        const target =
          typeof field.$ref === 'string' && field.description === undefined ? follow(field.$ref, schema) : field;
        if (typeof target?.description !== 'string' && !place.endsWith('/if')) silent.push(`${place}/${name}`);
      }
    });
    expect(silent).toEqual([]);
  });

  // Of `HistoryReport`, which triage hands on in parts, and of options.
  const INTERNAL = new Set(['events', 'folder', 'format', 'recursive', 'long', 'hash']);

  // Fields that no test disk happens to have are described too.
  test.each([
    ['packages/disk/src/info.ts', ['info']],
    ['packages/disk/src/stat.ts', ['stat']],
    ['packages/disk/src/stat-extras.ts', ['stat']],
    ['packages/triage/src/report/report-types.ts', ['scan', 'info', 'boot']],
    ['packages/triage/src/report/rule-result.ts', ['scan']],
    ['packages/triage/src/report/machine-disk.ts', ['scan']],
    ['packages/triage/src/report/host-report.ts', ['scan']],
    ['packages/report/src/pages/rows/ls-rows.ts', ['ls']],
    ['packages/triage/src/walk/walk-types.ts', ['walk']],
    ['packages/cli/src/verbs/timeline.node.ts', ['timeline']],
  ])('every field that the types of %s name stands in a schema', (path, forms) => {
    const fields = fieldsOf(path);
    expect(fields.length).toBeGreaterThan(3);
    const described = forms.map((form) => readFileSync(join(folder, `${form}-1.schema.json`), 'utf8')).join('');
    expect(fields.filter((field) => !described.includes(`"${field}": {`) && !INTERNAL.has(field))).toEqual([]);
  });

  test('they are shipped, and can be imported', () => {
    const { files, exports } = manifestOf('report');
    expect(files).toContain('schemas');
    expect(exports['./schemas/*']).toBe('./schemas/*');
  });

  test('objects stay open, so that a program that knows this form reads a later one', () => {
    const open = new Ajv2020({ strict: false });
    for (const schema of schemas) open.addSchema(schema);
    const validate = open.getSchema(schemas[names.indexOf('ls-1.schema.json')].$id) as ValidateFunction;
    const entry = JSON.parse(
      deadbox(['ls', '--ndjson', testImagePath('gpt-faulty'), '/Windows']).stdout.split('\n')[0],
    );
    expect(validate({ ...entry, later: 1 })).toBe(true);
    const { path: _, ...without } = entry;
    expect(validate(without)).toBe(false);
    expect(validate({ ...entry, modified: '2024-07-19 04:09' })).toBe(false);
  });
});

/** The definition that a reference leads to. */
function follow(reference: string, from: Schema): Schema | undefined {
  const [file = '', pointer = ''] = reference.split('#');
  const schema = file === '' ? from : schemas[names.indexOf(file)];
  return pointer
    .split('/')
    .slice(1)
    .reduce<Schema | undefined>((at, name) => at?.[name], schema);
}

describe.each(testImageNames.map((name, index) => [name, index] as const))('output for %s', (name, index) => {
  const image = testImagePath(name);

  test('info and scan', () => {
    check('info-1', ['info', '--json', '--check', image]);
    check('verify-1', ['verify', '--json', image]);
    // One disk in three has each; the long form gives every disk all of them.
    const modes = ['--quick', '--deep', '--explain'];
    for (const mode of LONG ? modes : [modes[index % 3]]) check('scan-1', ['scan', '--json', mode, image]);
    const lines = check('scan-1', ['scan', '--ndjson', image]);
    expect(lines.map(({ type }) => type)).toEqual(['image', 'summary']);
  });
});

describe('output for a crashed server', () => {
  const scratch = temporaryFolder();
  const image = join(scratch, 'server.raw');
  beforeAll(() => {
    buildCrashedDisk(
      image,
      crashedMachine({ files: 60, crowdStrikeEntries: 20, services: 40, bootDrivers: 4, softwareKeys: 50 }),
    );
  });

  test('config', () => void check('config-1', ['config', '--json']));
  test('version', () => void check('version-1', ['version', '--json']));

  test('scan of a folder that is a copy of a volume', () => {
    const copy = join(scratch, 'copy');
    mkdirSync(join(copy, 'Windows/System32/drivers/CrowdStrike'), { recursive: true });
    writeFileSync(join(copy, 'Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys'), 'sensor');
    const [report] = check('scan-1', ['scan', '--json', copy]);
    expect(report.images[0]).toMatchObject({ image: { format: 'folder' }, severity: 'review' });
  });

  test('scan, with crash evidence', () => {
    const [report] = check('scan-1', ['scan', '--json', '--deep', '--explain', image]);
    expect(report.images[0].installations[0].crash.length).toBeGreaterThan(0);
  });

  test('ls, timeline and stat', () => {
    const entries = check('ls-1', [
      'ls',
      '-r',
      '--ndjson',
      '--streams',
      '--all',
      '--deleted',
      '--hash',
      'sha256',
      image,
      '/Windows/System32',
    ]);
    expect(entries.length).toBeGreaterThan(50);
    expect(check('ls-1', ['ls', '--json', image]).length).toBeGreaterThan(0);
    expect(check('ls-1', ['ls', '--json', '--volume', '1', image]).length).toBeGreaterThan(0);
    expect(check('timeline-1', ['timeline', '--format', 'ndjson', image]).length).toBeGreaterThan(60);
    for (const file of ['/', '/Windows/System32/config/SYSTEM', '#0', '#5', '#9'])
      check('stat-1', ['stat', '--json', image, file]);
    check('stat-1', ['stat', '--json', '--volume', '1', image, '/EFI/Microsoft/Boot/BCD']);
  });

  test('reg and boot', () => {
    expect(check('reg-1', ['reg', '-r', '--ndjson', image, 'SYSTEM']).length).toBeGreaterThan(100);
    check('reg-1', ['reg', '--json', image, 'SYSTEM\\Select']);
    check('reg-1', ['reg', '-r', '--ndjson', '--no-hash', image, 'SYSTEM\\Select']);
    const [boot] = check('boot-1', ['boot', '--json', image]);
    expect(boot.check.verdict).toBe('consistent');
  });

  test('walk', () => {
    for (const target of ['/Windows/System32/config/SYSTEM', 'SYSTEM\\Select\\Current', 'BCD\\Objects', '/nowhere'])
      check('walk-1', ['walk', '--json', image, target]);
  });

  test('why, with and without a disk', () => {
    const [known] = check('why-1', ['why', '--json', '0xC000000E']);
    expect(known).toMatchObject({ code: '0xC000000E', name: 'STATUS_NO_SUCH_DEVICE', image: null });
    const [asked] = check('why-1', ['why', '--json', '0xC000000E', image]);
    expect(asked.causes.length).toBeGreaterThan(1);
    for (const cause of asked.causes) expect(cause).toMatchObject({ onDisk: 'not-there', found: null });
  });
});

describe('output for what cannot be judged', () => {
  const scratch = temporaryFolder();

  test('a locked volume', () => {
    const locked = join(scratch, 'locked.raw');
    const recoveryPassword = '235818-357951-253979-013365-241120-245575-342914-591910';
    writeFileSync(locked, makeBitLockerVolume(plainVolume(), { recoveryPassword, password: 'open sesame' }).bytes);
    const [info] = check('info-1', ['info', '--json', locked]);
    expect(info.volumes[0].encryption.verdict).toBe('encrypted-locked');
    const [report] = check('scan-1', ['scan', '--json', locked]);
    expect(report.images[0]).toMatchObject({ verdict: 'blocked-encrypted', unjudged: [1] });
  });

  test('a target that cannot be opened, beside an empty disk', () => {
    mkdirSync(join(scratch, 'empty'), { recursive: true });
    const empty = join(scratch, 'empty/disk.raw');
    writeFileSync(empty, new Uint8Array(1 << 20));
    const [report] = check('scan-1', ['scan', '--json', empty, join(scratch, 'nowhere.vhdx')]);
    expect(report.summary).toMatchObject({ failed: 1, exitCode: 3 });
    check('scan-1', ['scan', '--ndjson', empty, join(scratch, 'nowhere.vhdx')]);
    check('info-1', ['info', '--json', empty]);
  });

  test('a volume of random data', () => {
    const random = join(scratch, 'random.raw');
    const bytes = randomBytes(66 << 20);
    bytes.fill(0, 0, 512);
    // One MBR partition of type 7 from sector 2048 on; smaller ones are not sampled.
    bytes[450] = 7;
    bytes.writeUInt32LE(2048, 454);
    bytes.writeUInt32LE((65 << 20) / 512, 458);
    bytes.writeUInt16LE(0xaa55, 510);
    writeFileSync(random, bytes);
    const [report] = check('scan-1', ['scan', '--json', random]);
    expect(report.images[0].cost.sampling.reads).toBeGreaterThan(0);
  });

  test('disks with one identity', () => {
    const [report] = check('scan-1', [
      'scan',
      '--json',
      '--quick',
      testImagePath('gpt-faulty'),
      testImagePath('gpt-reverted'),
    ]);
    expect(report.summary.sharedIdentities.length).toBe(1);
  });
});
