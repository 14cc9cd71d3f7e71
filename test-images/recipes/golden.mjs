// What other tools say about a finished disk: mmls, sgdisk, sfdisk, fls, istat, icat, ntfscat. No answer comes from deadbox.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { CROWDSTRIKE } from './states.mjs';
import { run } from './tools.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Start and length in sectors and the description, as mmls lists them; metadata and gaps left out. */
function slots(disk) {
  const lines = run('mmls', [disk])
    .toString()
    .matchAll(/^\d+:\s+(\d[\d:]*)\s+(\d+)\s+(\d+)\s+(\d+)\s*(.*)$/gm);
  return [...lines].map(([, , start, , length, description]) => ({
    offset: Number(start) * 512,
    length: Number(length) * 512,
    description: description.trim(),
  }));
}

/** Identity of a GPT disk and its partitions from sgdisk. */
function gptIdentity(disk, count) {
  const value = (text, label) => new RegExp(`${label}: '?([^'\\n(]+?)'?(?: \\(|\\n|$)`).exec(text)[1].trim();
  const diskId = /Disk identifier \(GUID\): (\S+)/.exec(run('sgdisk', ['-p', disk]).toString())[1];
  const partitions = Array.from({ length: count }, (_, i) => {
    const text = run('sgdisk', ['-i', String(i + 1), disk]).toString();
    return {
      partitionType: value(text, 'Partition GUID code').toLowerCase(),
      partitionId: value(text, 'Partition unique GUID').toLowerCase(),
      name: value(text, 'Partition name'),
    };
  });
  return { diskId: diskId.toLowerCase(), partitions };
}

/** Identity of an MBR disk from sfdisk. */
function mbrIdentity(disk) {
  const { partitiontable } = JSON.parse(run('sfdisk', ['--json', disk]).toString());
  return {
    diskId: partitiontable.id,
    partitions: partitiontable.partitions.map(({ type }) => ({ partitionType: type })),
  };
}

/** `2024-07-19 04:09:35.123456700 (UTC)` as ISO with seven decimals. */
function istatTime(section, label) {
  const [, day, time, fraction = ''] = new RegExp(`${label}:\\s*(\\S+) ([\\d:]+)(?:\\.(\\d+))? \\(UTC\\)`).exec(
    section,
  );
  return `${day}T${time}.${fraction.padEnd(7, '0').slice(0, 7)}Z`;
}

const fourTimes = (section) => ({
  created: istatTime(section, 'Created'),
  modified: istatTime(section, 'File Modified'),
  changed: istatTime(section, 'MFT Modified'),
  accessed: istatTime(section, 'Accessed'),
});

/** One channel file, by istat; its content by icat and, from the volume itself, by ntfscat, which must agree. */
function channelFile(disk, sector, volume, file) {
  const path = `${CROWDSTRIKE}/${file.name}`;
  const record = Number(run('ifind', ['-o', String(sector), '-n', path, disk]).toString());
  const text = run('istat', ['-o', String(sector), disk, String(record)]).toString();
  const data = /Type: \$DATA \(128-\d+\)\s+Name: N\/A\s+Non-Resident\s+size: (\d+)\s+init_size: (\d+)/.exec(text);
  const content = run('icat', ['-o', String(sector), disk, String(record)]);
  if (sha256(content) !== sha256(run('ntfscat', ['-f', volume, path.slice(1)])))
    throw new Error(`icat and ntfscat disagree about ${path}`);
  const [standard, name] = text.split('$FILE_NAME Attribute Values:');
  return {
    path,
    record,
    sequence: Number(/Entry: \d+\s+Sequence: (\d+)/.exec(text)[1]),
    size: Number(data[1]),
    initializedSize: Number(data[2]),
    standardInformation: fourTimes(standard.slice(standard.indexOf('$STANDARD_INFORMATION'))),
    fileName: fourTimes(name),
    sha256: sha256(content),
    class: file.class,
    content: file.content,
  };
}

/** Names in the folder, as fls lists them. */
function folderNames(disk, sector) {
  const record = run('ifind', ['-o', String(sector), '-n', CROWDSTRIKE, disk])
    .toString()
    .trim();
  const lines = run('fls', ['-o', String(sector), disk, record])
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line) => line.split('\t')[1]).sort();
}

/** The golden answers for `disk`; `volume` is its Windows volume as a file of its own. */
export function golden({ id, table, disk, volume, layout, state }) {
  const partitions = slots(disk);
  const identity = table === 'gpt' ? gptIdentity(disk, partitions.length) : mbrIdentity(disk);
  const windows = partitions[layout.windowsNumber - 1];
  return {
    id,
    size: statSync(disk).size,
    sha256: sha256(readFileSync(disk)),
    oracle: ['mmls', table === 'gpt' ? 'sgdisk' : 'sfdisk', 'fls', 'istat', 'icat', 'ntfscat'],
    partitionTable: table,
    diskId: identity.diskId,
    partitions: partitions.map((partition, i) => ({ number: i + 1, ...partition, ...identity.partitions[i] })),
    windowsVolume: layout.windowsNumber,
    verdict: state.verdict,
    severity: state.severity,
    files: state.files.map((file) => channelFile(disk, windows.offset / 512, volume, file)),
    folder: { path: CROWDSTRIKE, names: folderNames(disk, windows.offset / 512) },
  };
}
