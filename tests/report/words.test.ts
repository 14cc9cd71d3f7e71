import type { VolumeInfo } from '@deadbox/disk';
import {
  bootSentences,
  encryptionSentence,
  notBitLockerSentence,
  obstacleWords,
  renderScanImage,
  VERDICT_TITLES,
  verdictSentence,
} from '@deadbox/report';
import type { BootReport, InstallationReport, ScanStepId } from '@deadbox/triage';
import { SHIPPED_RULES } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { bootFindingWords, hiveFindingWords } from '../../packages/report/src/finding-words.js';
import { hiveSentence } from '../../packages/report/src/machine-words.js';
import { stepWords } from '../../packages/report/src/step-words.js';
import { contentWords, fileNoteWords, provisionalWords } from '../../packages/report/src/verdict-words.js';
import { filesBelow, textOf } from '../support/workspace.js';

/** The string literals of a union type in a source file. */
function union(path: string, before: RegExp): string[] {
  const text = textOf(path);
  const start = before.exec(text);
  if (start === null) throw new Error(`${path} has no ${before}`);
  const body = text.slice(start.index + start[0].length).split(';')[0] ?? '';
  return [...body.matchAll(/'([a-z0-9-]+)'/g)].map((match) => match[1]);
}

test('a file that cannot be read is not said to have been cut off by the crash', () => {
  const sentence = verdictSentence('faulty-damaged', { content: 'unreadable' });
  expect(sentence).toContain('cannot be read');
  expect(sentence).toContain('Treat as faulty');
  expect(sentence).not.toContain('the crash hit');
});

/** Ids that the sources of triage hand to a call of `name`. */
function idsOf(name: string): string[] {
  const sources = filesBelow('packages/triage/src').map(textOf).join('\n');
  return [
    ...new Set([...sources.matchAll(new RegExp(`\\b${name}\\(\\s*'([a-z0-9-]+)'`, 'g'))].map((match) => match[1])),
  ];
}

const BOOT = 'packages/windows/src/boot/boot-check-result.ts';
const bootReport = (verdict: string, more: Partial<BootReport> = {}): BootReport => ({
  verdict,
  severity: 'none',
  findings: [],
  codes: [],
  remedies: [],
  store: null,
  identity: null,
  entries: [],
  flags: {},
  ...more,
});

/** Words that say more than the id does. */
function expectWords(words: string | undefined, id: string): void {
  expect(words ?? id).not.toBe(id);
  expect(words).toMatch(/ /);
  expect(words).not.toMatch(/undefined|null|NaN|\[object/);
}

const CROWDSTRIKE = SHIPPED_RULES.find(({ name }) => name === 'crowdstrike-channel-file-291');
const VERDICT_ORDER = [
  ...new Set(CROWDSTRIKE?.verdicts.map(({ verdict }) => verdict)),
  'blocked-encrypted',
  'unreadable',
  'no-windows',
];

describe('every id has words', () => {
  test.each([...VERDICT_ORDER])('verdict %s', (verdict) => {
    expectWords(VERDICT_TITLES[verdict], verdict);
    // Locked volumes have a sentence of their own, with protectors.
    if (verdict !== 'blocked-encrypted')
      expectWords(verdictSentence(verdict, { file: 'x.sys', modified: 'then', content: 'empty' }), verdict);
  });

  test('the verdicts of the shipped CrowdStrike rule are all there, and the other shipped rules bring their texts', () => {
    for (const rule of SHIPPED_RULES) {
      for (const { verdict, severity } of rule.verdicts) {
        if (rule.name === 'crowdstrike-channel-file-291') expect(VERDICT_ORDER).toContain(verdict);
        else if (severity !== 'none') expectWords(rule.texts[verdict].sentence?.en, verdict);
      }
    }
  });

  const obstacles = [
    ...idsOf('obstacle'),
    'dynamic-disk',
    'wof',
    'dedup',
    'link',
    'case-or-short-name',
    'in-use',
    'saved-vm-state',
    'snapshot-beside',
  ];
  test.each([...new Set(obstacles)])('obstacle %s', (id) => {
    const { effect, advice } = obstacleWords({ id, effect: `${id}.effect`, advice: `${id}.advice` });
    expectWords(effect, `${id}.effect`);
    expectWords(advice, `${id}.advice`);
  });

  test.each(idsOf('add'))('step %s', (id) => {
    expectWords(
      stepWords({
        id: id as ScanStepId,
        data: { paths: ['C:\\x.sys'], names: ['x'], path: '/x', verdict: 'damaged', hive: 'X:\\S' },
      }),
      id,
    );
  });

  test.each(union(BOOT, /export type BootRemedy =/))('remedy %s, as a sentence and as a step', (id) => {
    expectWords(stepWords({ id: `boot-${id}`, data: {} }), `boot-${id}`);
    const sentence = bootSentences(bootReport('partition-missing', { remedies: [id] })).at(-1) ?? '';
    expect(sentence.replace('What would mend it: ', '')).not.toBe(`${id}.`);
  });

  test.each(union('packages/triage/src/report/words.ts', /export type ProvisionalReason =/))('provisional %s', (id) => {
    expectWords(provisionalWords(id), id);
  });

  test.each(union('packages/triage/src/report/words.ts', /export type FileContent =/))('content %s', (id) => {
    expect(contentWords(id)).not.toBe('damaged');
  });

  test.each(
    SHIPPED_RULES.flatMap((rule) => Object.values(rule.selections)).flatMap((selection) =>
      selection.type === 'FILE' ? selection.classes.flatMap(({ notes }) => notes.map(({ note }) => note)) : [],
    ),
  )('file note %s', (note) => expectWords(fileNoteWords(note), note));

  test.each(union(BOOT, /export type BootVerdict =/))('boot verdict %s', (verdict) => {
    const sentences = bootSentences(bootReport(verdict));
    if (verdict === 'not-checked') expect(sentences).toEqual([]);
    else expectWords(sentences[0], verdict);
  });

  test.each(union(BOOT, /export interface BootFinding \{[^;]*?id:/))('boot finding %s', (id) => {
    expectWords(bootFindingWords({ id, data: {} }), id);
  });

  test.each(union('packages/windows/src/registry/hive-health.ts', /export type HiveHealthFindingId =/))(
    'hive finding %s',
    (id) => {
      expectWords(hiveFindingWords({ id, data: {} }), id);
    },
  );

  test.each(union('packages/windows/src/registry/hive-health.ts', /export type HiveHealthVerdict =/))(
    'hive verdict %s',
    (verdict) => {
      const sentence = hiveSentence({
        path: '/SYSTEM',
        verdict,
        findings: [{ id: 'hive-checksum', data: {} }],
        codes: [],
      });
      if (verdict === 'clean') expect(sentence).toBeUndefined();
      else expectWords(sentence, verdict);
    },
  );
});

const PROTECTOR = 'packages/encryption/src/detect/finding.ts';

function volume(types: readonly string[], more: object = {}): VolumeInfo {
  const keyProtectors = types.map((type, i) => ({ type, id: `64311DEA-0000-4000-8000-00000000000${i}` }));
  return {
    number: 3,
    encryption: { verdict: 'encrypted-locked', product: 'BitLocker', state: 'locked', keyProtectors, ...more },
  } as unknown as VolumeInfo;
}

describe('a locked volume', () => {
  const TPM_ONLY = 'TPM only: no other computer can open it';

  test('names its protectors with the ids that key stores list', () => {
    expect(encryptionSentence(volume(['recovery-password', 'tpm']))).toBe(
      'Volume 3 is locked by BitLocker. Protectors: recovery password {64311DEA-0000-4000-8000-000000000000}, TPM. ' +
        "Look up the 48-digit key with this ID (AD, Entra ID, or your cloud's store).",
    );
  });

  test.each([[['tpm']], [['tpm', 'tpm-pin']], [['tpm-startup-key']]])('%s: says TPM only', (types) => {
    expect(encryptionSentence(volume(types))).toContain(TPM_ONLY);
  });

  test.each(union(PROTECTOR, /export type KeyProtectorType =/).filter((type) => !type.startsWith('tpm')))(
    'a %s protector beside: does not say TPM only',
    (type) => {
      expect(encryptionSentence(volume(['tpm', type]))).not.toContain(TPM_ONLY);
      expect(encryptionSentence(volume([type]))).not.toContain(TPM_ONLY);
    },
  );

  test('without a readable protector it does not say TPM only either', () => {
    expect(encryptionSentence(volume([]))).not.toContain(TPM_ONLY);
    expect(encryptionSentence(volume([]))).toContain('none could be read');
  });

  test('a clear key: Windows opens it without asking, Linux does not', () => {
    expect(encryptionSentence(volume(['clear-key', 'tpm']))).toContain(
      'its key lies on the disk itself (protection suspended or waiting for activation): Windows opens it without asking, Linux does not.',
    );
  });
});

const NOT_BITLOCKER = 'BitLocker is not the reason';
const INSTALLATION = {
  volume: 3,
  root: '/Windows',
  active: true,
  verdict: 'superseded',
  rule: 'crowdstrike-channel-file-291',
  text: null,
  severity: 'none',
  confidence: 'normal',
  notes: [],
  provisional: [],
  files: [],
  rules: [],
  host: {},
  history: [],
  historySummary: null,
  crash: [],
  boot: bootReport('not-checked'),
  hives: [],
  nextSteps: [],
} as unknown as InstallationReport;

function page(installation: Partial<InstallationReport>, encryption: object): string {
  const image = {
    path: 'x.vhd',
    verdict: installation.verdict ?? 'superseded',
    severity: 'none',
    unjudgedVolumes: [],
    image: { format: 'raw', variant: 'flat', virtualSize: 1 },
    disk: { partitionTable: 'gpt', encryption: [] },
    volumes: [
      {
        number: 3,
        encryption: { keyProtectors: [], evidence: [], details: {}, product: null, state: null, ...encryption },
      },
    ],
    installations: [{ ...INSTALLATION, ...installation }],
    obstacles: [],
    cost: { reads: 1, bytes: 1, milliseconds: 1 },
  };
  return renderScanImage(image as never, { width: 2000 });
}

describe("the operator's sentences", () => {
  test('BitLocker is not the reason: only where nothing is encrypted, never for a volume that deadbox unlocked', () => {
    expect(page({}, { verdict: 'none' })).toContain(NOT_BITLOCKER);
    for (const verdict of ['unlocked', 'encrypted-unlockable', 'encrypted-locked'])
      expect(page({}, { verdict, product: 'BitLocker' })).not.toContain(NOT_BITLOCKER);
    expect(notBitLockerSentence(volume([], { verdict: 'none', state: 'decrypted' }))).toContain('was decrypted');
  });

  test.each([
    [
      'superseded',
      'A faulty file is still in the folder, but a newer one (05:27 UTC or later) is active. This is not why the server fails to start.',
    ],
    ['not-updated', 'The newest 291 file is from before the incident. The server never received the faulty file.'],
    [
      'faulty',
      "it meets CrowdStrike's published criterion of name, folder and time. Hosts with this file crashed at every start until it was removed; the sensor then downloads a new one.",
    ],
    ['faulty-damaged', 'the crash hit while it was being written. Treat as faulty.'],
  ])('%s', (verdict, sentence) => {
    expect(page({ verdict }, { verdict: 'none' })).toContain(sentence);
  });

  test("a verdict word of somebody else's rule does not get CrowdStrike's sentence", () => {
    const rules = [{ ...INSTALLATION, rule: 'mine', verdict: 'faulty', severity: 'act', text: 'My driver is there.' }];
    const shown = page({ rule: 'mine', verdict: 'faulty', rules } as never, { verdict: 'none' });
    expect(shown).toContain('My driver is there.');
    expect(shown).not.toContain('This server has the faulty CrowdStrike channel file');
  });

  test('a file name of the image cannot break out of a command', () => {
    expect(
      stepWords({
        id: 'tidy-up',
        data: { paths: ['C:\\C-00000291" & format D: & ".sys', 'C:\\%TEMP%'] },
        text: { en: 'Run {del}.' },
      }),
    ).toContain('del "C:\\C-00000291? ? format D: ? ?.sys" & del "C:\\?TEMP?"');
  });
});
