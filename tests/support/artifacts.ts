import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { corpusFolder, describeWithCorpus } from './corpus.js';

/**
 * A file of a real machine with the answers that other tools gave, as the corpus' `artifacts/manifest.json` describes
 * it.
 */
export interface Artifact {
  readonly id: string;
  readonly kind: string;
  readonly file: string;
  readonly size: number;
  readonly shape?: string;
  readonly oracle: string;
  readonly extra_files?: readonly { readonly file: string; readonly name: string }[];
  readonly expected: any;
}

/** Runs `define` with the artifacts of one kind; skips, with a line that says why, when the corpus is not there. */
export function describeWithArtifacts(name: string, kind: string, define: (artifacts: Artifact[]) => void): void {
  describeWithCorpus(name, () => {
    const all = JSON.parse(readFileSync(join(corpusFolder(), 'artifacts', 'manifest.json'), 'utf8')) as Artifact[];
    define(all.filter((artifact) => artifact.kind === kind));
  });
}

/** The bytes of an artifact, unpacked. */
export function artifactBytes(artifact: { readonly file: string }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gunzipSync(readFileSync(join(corpusFolder(), 'artifacts', artifact.file))));
}
