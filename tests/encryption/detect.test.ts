import { openFile } from '@deadbox/core/node';
import { detectEncryption } from '@deadbox/encryption';
import { expect, it } from 'vitest';
import { corpusFile, corpusManifest, describeWithCorpus } from '../support/corpus.js';

describeWithCorpus('detection', () => {
  for (const entry of corpusManifest().filter((e) => e.kind === 'bitlocker' || e.kind === 'other-encryption')) {
    it(entry.id, async () => {
      const s = await openFile(corpusFile(entry));
      const f = await detectEncryption(s);
      console.log(entry.id, JSON.stringify({ ...f, evidence: f.evidence.map((e) => e.what + '@' + e.offset) }));
      await s.close();
      expect(f).toBeDefined();
    });
  }
});
