import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, DeadboxError, type Json, MemorySource } from '@deadbox/core';
import { describeImage, describeStat, describeTable, describeVolume, openDisk } from '@deadbox/disk';
import { infoPage, markdownWriter, scanImagePage, statPage, textWriter } from '@deadbox/report';
import { en } from '@deadbox/report/en';
import { jsonText } from '@deadbox/report/internals';
import { ja } from '@deadbox/report/ja';
import { scanDisk } from '@deadbox/triage';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { FAULTY_CHANNEL_FILE } from '../../support/disk-writer/crashed-disk.js';
import { smallDisk } from '../../support/disk-writer/small-disk.js';
import { root } from '../../support/workspace.js';
import { mutateJson } from '../mutate-json.js';
import type { FuzzTarget } from '../target.js';
import { checkOutput } from '../unsafe-output.js';

/** Reports of a crashed disk, as the command line prints them. */
interface Reports {
  readonly scan: Json;
  readonly info: Json;
  readonly stat: Json;
}

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

async function makeReports(): Promise<Reports> {
  await using disk = await openDisk(new MemorySource(smallDisk('mbr')), { name: 'disk.img' });
  const volumes = [];
  for (const volume of disk.volumes) volumes.push(await describeVolume(volume));
  const info = { schema: 'deadbox.info/1', image: describeImage(disk), disk: describeTable(disk), volumes };
  const scan = { type: 'image', schema: 'deadbox.scan/1', ...(await scanDisk(disk, { mode: 'deep', explain: true })) };
  const path = `/Windows/System32/drivers/CrowdStrike/${FAULTY_CHANNEL_FILE.name}`;
  const file = await (await disk.volumes[0].ntfs())?.lookup(path);
  if (file === undefined) throw new TypeError(`${path} is missing`);
  const stat = await describeStat(disk.volumes[0], file);
  return { scan: plain(scan), info: plain(info), stat: plain(stat) };
}

let reports: Promise<Reports> | undefined;
let validators: ReadonlyMap<string, ValidateFunction> | undefined;

/** The shipped schemas, by their titles: they refer to one another. */
function makeValidators(): ReadonlyMap<string, ValidateFunction> {
  const folder = join(root, 'packages/report/schemas');
  const ajv = new Ajv2020({ strict: false });
  const schemas = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  for (const schema of schemas) ajv.addSchema(schema);
  return new Map(schemas.map(({ $id, title }) => [title, ajv.getSchema($id) as ValidateFunction]));
}

const PAGES = { scan: scanImagePage, info: infoPage, stat: statPage } as const;

/** Shows a report that somebody changed in every form and language; one that is none of its schema is refused. */
async function show(name: keyof Reports, tape: Bytes): Promise<string> {
  const report = mutateJson((await (reports ??= makeReports()))[name], tape);
  const valid = (validators ??= makeValidators()).get(`deadbox.${name}/1`);
  if (valid?.(report) !== true)
    throw new DeadboxError('REPORT_INVALID', `not ${name}: ${valid?.errors?.[0]?.schemaPath}`);
  let length = 0;
  for (const language of [en, ja]) {
    const page = PAGES[name](report as never, {
      language,
      explain: true,
      zone: { name: 'Asia/Tokyo', whose: 'asked' },
    });
    for (const writer of [textWriter(), textWriter({ width: 20 }), markdownWriter()]) {
      const text = writer(page);
      checkOutput(text, `${name} in ${language.code}`);
      length += text.length;
    }
  }
  const json = jsonText(report, 2);
  checkOutput(json, `${name} as JSON`);
  if (JSON.stringify(JSON.parse(json)) !== JSON.stringify(report))
    throw new TypeError('the JSON reads back differently');
  return `${Math.log2(length) | 0}`;
}

export const reportTargets: readonly FuzzTarget[] = (['scan', 'info', 'stat'] as const).map((name) => ({
  name: `report/${name}`,
  // Each six bytes change one place of the report; zeros change none.
  seeds: () => [{ name: 'unchanged', bytes: new Uint8Array(120) }],
  parse: (input) => show(name, input),
}));
