import { type Bytes, describeStructure } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import {
  DATASET_HEADER,
  DATUM_HEADER,
  EOW_BITMAP,
  EOW_INFORMATION,
  EOW_RECORD,
  KEY_PROTECTOR,
  LUKS1_HEADER,
  LUKS1_KEY_SLOT,
  LUKS2_HEADER,
  METADATA_BLOCK_HEADER,
  METADATA_VALIDATION,
  RELOCATED_HEADER,
  RELOCATED_HEADER_EXTENSION,
  STRETCH_KEY,
  VOLUME_HEADER,
  VOLUME_IDENTIFIER,
} from '@deadbox/encryption/internals';
import { describe, expect, test } from 'vitest';
import { type CorpusEntry, corpusFile, corpusManifest, describeWithCorpus } from '../../support/corpus.js';

const TABLES = [
  DATASET_HEADER,
  DATUM_HEADER,
  EOW_BITMAP,
  EOW_INFORMATION,
  EOW_RECORD,
  KEY_PROTECTOR,
  LUKS1_HEADER,
  LUKS1_KEY_SLOT,
  LUKS2_HEADER,
  METADATA_BLOCK_HEADER,
  METADATA_VALIDATION,
  RELOCATED_HEADER,
  RELOCATED_HEADER_EXTENSION,
  STRETCH_KEY,
  VOLUME_HEADER,
  VOLUME_IDENTIFIER,
];

describe('field tables of encryption', () => {
  test('have fields that do not overlap, each with a meaning, and sizes as their specifications state', () => {
    for (const { kind, fields } of TABLES) {
      let end = 0;
      for (const field of Object.values(fields)) {
        expect(field.offset, `${kind}.${field.name}`).toBeGreaterThanOrEqual(end);
        expect(field.meaning).not.toBe('');
        end = field.offset + field.length;
      }
    }
    const sizes = Object.fromEntries(TABLES.map(({ kind, size }) => [kind, size]));
    expect(sizes).toMatchObject({
      'bitlocker-metadata-block-header': 64,
      'bitlocker-dataset-header': 48,
      'bitlocker-datum-header': 8,
      'bitlocker-key-protector': 28,
      'bitlocker-eow-information': 0x38,
      'bitlocker-eow-bitmap': 0x3c,
      'bitlocker-eow-record': 0x24,
      'luks1-header': 208,
      'luks1-key-slot': 48,
    });
  });
});

async function read(entry: CorpusEntry, offset: number, length: number): Promise<Bytes> {
  const file = await openFile(corpusFile(entry));
  try {
    return new Uint8Array(await file.read(offset, length));
  } finally {
    await file.close?.();
  }
}

const entryOf = (id: string): CorpusEntry => corpusManifest().find((item) => item.id === id) as CorpusEntry;

function facts(table: Parameters<typeof describeStructure>[0], bytes: Bytes, base = 0): Record<string, unknown> {
  return Object.fromEntries(
    describeStructure(table, bytes, base).map((field) => [field.name, field.text ?? field.value]),
  );
}

describeWithCorpus('structures listed by their tables', () => {
  test('of a BitLocker volume say what cryptsetup, bdeinfo and dislocker say', async () => {
    const entry = entryOf('win-bitlk-aes-xts-128');
    const { segments } = entry.expected.cryptsetup_bitlkDump;
    const sector = await read(entry, 0, 512);
    expect(facts(VOLUME_HEADER, sector)).toMatchObject({ oem: '-FVE-FS-', bytesPerSector: 512, bootSignature: 0xaa55 });
    expect(facts(VOLUME_IDENTIFIER, sector, 160)).toMatchObject({
      identifier: 'BitLocker',
      metadataOffset1: segments[0].offset,
      metadataOffset2: segments[1].offset,
      metadataOffset3: segments[2].offset,
    });
    const block = await read(entry, segments[0].offset, 0x10000);
    expect(facts(METADATA_BLOCK_HEADER, block)).toMatchObject({
      signature: '-FVE-FS-',
      currentState: 'encrypted',
      nextState: 'encrypted',
      boundary: entry.expected.cryptsetup_bitlkDump.volume_size,
      headerOffset: segments[3].offset,
      headerSectors: segments[3].size / 512,
    });
    expect(facts(DATASET_HEADER, block, 64)).toMatchObject({
      id: entry.expected.bdeinfo.volume_identifier.toUpperCase(),
      method: 'XTS-AES-128',
      created: '2019-07-04T07:01:55.1562352Z',
    });
    const protectors: unknown[] = [];
    for (let at = 112; DATUM_HEADER.read(block, at).size >= 8; ) {
      const { size, entryType } = facts(DATUM_HEADER, block, at) as { size: number; entryType: string };
      if (entryType === 'volume master key') protectors.push(facts(KEY_PROTECTOR, block, at + 8));
      at += size;
    }
    expect(protectors).toMatchObject([
      { id: '3E55195C-8811-4D9B-97B4-2B9E5F8F5384', type: 'password' },
      { id: '64311DEA-4587-4029-924A-BA299647998E', type: 'recovery password' },
    ]);
  });

  test('of an unfinished conversion say what dissect.fve says', async () => {
    const entry = entryOf('win-fve-eow-partial');
    const identifier = facts(VOLUME_IDENTIFIER, await read(entry, 0, 512), 160);
    expect(identifier.identifier).toBe('BitLocker, encrypt-on-write');
    const information = await read(entry, identifier.eowOffset1 as number, 512);
    const { chunkSize, regions } = facts(EOW_INFORMATION, information);
    expect(chunkSize).toBe(0x80_0000);
    const bitmaps = await Promise.all(
      Array.from({ length: regions as number }, async (_, i) => {
        const offset = Number(new DataView(information.buffer).getBigUint64(56 + i * 8, true));
        return read(entry, offset, 0x600);
      }),
    );
    const bitmap = bitmaps.find((bytes) => facts(EOW_BITMAP, bytes).regionOffset === 0x220_2000) as Bytes;
    const { record1 } = facts(EOW_BITMAP, bitmap);
    expect(facts(EOW_RECORD, bitmap, record1 as number)).toMatchObject({ headerSize: 0x24 });
  });

  test('of LUKS headers say what blkid and luksDump say', async () => {
    for (const entry of corpusManifest().filter((item) => /luks[12]/.test(item.id))) {
      const bytes = await read(entry, 0, 4096);
      const { version, uuid, cipher } = entry.expected;
      const table = version === '1' ? LUKS1_HEADER : LUKS2_HEADER;
      expect(facts(table, bytes), entry.id).toMatchObject({
        version: Number(version),
        uuid,
        ...(version === '1' ? { cipher } : { offset: 0 }),
      });
      if (version === '1') expect(facts(LUKS1_KEY_SLOT, bytes, 208).active).toBe('in use');
    }
  });
});
