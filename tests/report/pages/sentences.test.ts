import type { VolumeInfo } from '@deadbox/disk';
import { type Phrase, renderScanImage } from '@deadbox/report';
import { Reader } from '@deadbox/report/internals';
import type { ImageReport, InstallationReport } from '@deadbox/triage';
import { describe, expect, test } from 'vitest';
import { lockedPhrase, notBitLockerPhrase } from '../../../packages/report/src/pages/encryption-phrases.js';
import { stepPhrase } from '../../../packages/report/src/pages/rule-phrases.js';

const reader = new Reader({});
const IMAGE = { path: 'disk.raw', image: { format: 'raw' } } as unknown as ImageReport;
const plain = (phrase: Phrase): string => phrase.map(({ text }) => text).join('');

function volume(types: readonly string[], more: object = {}): VolumeInfo {
  const keyProtectors = types.map((type, i) => ({ type, id: `64311DEA-0000-4000-8000-00000000000${i}` }));
  return {
    number: 3,
    encryption: { verdict: 'encrypted-locked', product: 'BitLocker', state: 'locked', keyProtectors, ...more },
  } as unknown as VolumeInfo;
}

const sentence = (types: readonly string[]): string => plain(lockedPhrase(volume(types), reader));

describe('a locked volume', () => {
  const TPM_ONLY = 'TPM only: no other computer can open it';

  test('names its protectors with the ids that key stores list', () => {
    expect(sentence(['recovery-password', 'tpm'])).toBe(
      'Volume 3 is locked by BitLocker. Protectors: recovery password {64311DEA-0000-4000-8000-000000000000}, TPM. ' +
        "Look up the 48-digit key with this ID (AD, Entra ID, or your cloud's store).",
    );
  });

  test.each([[['tpm']], [['tpm', 'tpm-pin']], [['tpm-startup-key']]])('%s: says TPM only', (types) => {
    expect(sentence(types)).toContain(TPM_ONLY);
  });

  test.each(['clear-key', 'startup-key', 'recovery-password', 'password', 'smart-card', 'network', 'unknown'])(
    'a %s protector beside: does not say TPM only',
    (type) => {
      expect(sentence(['tpm', type])).not.toContain(TPM_ONLY);
      expect(sentence([type])).not.toContain(TPM_ONLY);
    },
  );

  test('without a readable protector it does not say TPM only either', () => {
    expect(sentence([])).not.toContain(TPM_ONLY);
    expect(sentence([])).toContain('none could be read');
  });

  test('a clear key: Windows opens it without asking, Linux does not', () => {
    expect(sentence(['clear-key', 'tpm'])).toContain(
      'its key lies on the disk itself (protection suspended or waiting for activation): Windows opens it without asking, Linux does not.',
    );
  });
});

const NOT_BITLOCKER = 'BitLocker is not the reason';
const RESULT = {
  rule: 'vendor-incident',
  verdict: 'bad',
  text: null,
  severity: 'act',
  confidence: 'normal',
  confidenceFrom: null,
  notes: [],
  provisional: [],
  files: [],
  decided: null,
  words: {
    title: { en: 'bad driver present', ja: '不良ドライバーあり' },
    sentence: { en: 'The driver {file}[[ of {modified}]] is there.', ja: 'ドライバー {file} があります。' },
    classes: { old: { en: 'of the bad release' } },
    notes: {},
    confidence: null,
    history: null,
  },
  nextSteps: [],
};
const INSTALLATION = {
  ...RESULT,
  volume: 3,
  root: '/Windows',
  active: true,
  rules: [RESULT],
  host: {},
  history: [],
  historySummary: null,
  crash: [],
  boot: {
    verdict: 'not-checked',
    severity: 'none',
    findings: [],
    codes: [],
    remedies: [],
    store: null,
    identity: null,
    entries: [],
    flags: {},
  },
  hives: [],
  nextSteps: [],
} as unknown as InstallationReport;

function page(installation: object, encryption: object): string {
  const image = {
    path: 'x.vhd',
    verdict: 'bad',
    severity: 'none',
    unjudgedVolumes: [],
    image: { format: 'raw', variant: 'flat', virtualSize: 1, issues: [] },
    disk: { partitionTable: 'gpt', encryption: [] },
    volumes: [
      {
        number: 3,
        encryption: { keyProtectors: [], evidence: [], details: {}, product: null, state: null, ...encryption },
      },
    ],
    installations: [{ ...INSTALLATION, ...installation }],
    cause: null,
    starts: 'not-checked',
    causes: [],
    bootLog: { starts: [], lastFailure: null },
    obstacles: [],
    issues: [],
    cost: { reads: 1, bytes: 1, milliseconds: 1 },
  };
  return renderScanImage(image as never, { width: 2000 });
}

const FILE = {
  path: '/Windows/System32/drivers/x.sys',
  class: 'old',
  content: 'ok',
  notes: [],
  size: 4,
  initializedSize: 4,
  record: 9,
  sequence: 1,
  sha256: null,
  foundBy: 'index',
  deleted: false,
  runs: [],
  evidence: [],
  modified: '2024-07-19T04:09:35.0000000Z',
  created: null,
};

describe("the operator's sentences", () => {
  test('BitLocker is not the reason: only where nothing is encrypted, never for a volume that deadbox unlocked', () => {
    expect(page({}, { verdict: 'none' })).toContain(NOT_BITLOCKER);
    for (const verdict of ['unlocked', 'encrypted-unlockable', 'encrypted-locked'])
      expect(page({}, { verdict, product: 'BitLocker' })).not.toContain(NOT_BITLOCKER);
    expect(plain(notBitLockerPhrase(volume([], { verdict: 'none', state: 'decrypted' }), reader))).toContain(
      'was decrypted',
    );
  });

  test("title, sentence and class are the rule's, with the facts of the file that decided", () => {
    const other = { ...FILE, path: '/Windows/System32/drivers/other.sys' };
    const result = { ...RESULT, files: [other, FILE], decided: { row: 1, when: 'bad', files: [1] } };
    const shown = page({ ...result, rules: [result] }, { verdict: 'none' });
    expect(shown).toContain('bad: bad driver present');
    expect(shown).toContain('The driver x.sys of 2024-07-19 04:09:35 UTC is there.');
    expect(shown).toContain('of the bad release; content whole');
  });

  test('a rule without words is named with its verdict', () => {
    const silent = { ...RESULT, words: { ...RESULT.words, sentence: null, title: null } };
    expect(page({ ...silent, rules: [silent] }, { verdict: 'none' })).toContain('Rule vendor-incident: bad.');
  });

  test('a file name of the image cannot break out of a command', () => {
    const step = {
      id: 'tidy-up',
      data: { paths: ['C:\\C-00000291" & format D: & ".sys', 'C:\\%TEMP%'] },
      text: { en: 'Run {del}.' },
    };
    expect(plain(stepPhrase(step, IMAGE, reader))).toContain(
      'del "C:\\C-00000291? ? format D: ? ?.sys" & del "C:\\?TEMP?"',
    );
  });
});
