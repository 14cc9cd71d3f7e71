/** Signs images with certificates of our own, by OpenSSL and osslsigncode. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

function run(folder: string, tool: string, options: readonly string[]): void {
  const { status, stderr, error } = spawnSync(tool, options, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${tool}: ${error?.message ?? stderr}`);
}

const made = new Map<string, string>();

/**
 * A folder with a certificate for `owner` that the authority `issuer` issued, and its key; made once, removed at the
 * end.
 */
export function certificateOf(issuer: string, owner: string): string {
  const known = made.get(issuer + owner);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'deadbox-sign-'));
  made.set(issuer + owner, folder);
  afterAll(() => {
    made.delete(issuer + owner);
    rmSync(folder, { recursive: true, force: true });
  });
  const key = ['-newkey', 'rsa:2048', '-nodes'];
  run(folder, 'openssl', [
    'req',
    '-x509',
    ...key,
    '-days',
    '9999',
    '-subj',
    `/O=Authority/CN=${issuer}`,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  ]);
  run(folder, 'openssl', ['req', ...key, '-subj', `/O=Owner/CN=${owner}`, '-keyout', 'key.pem', '-out', 'request.pem']);
  const authority = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'];
  run(folder, 'openssl', ['x509', '-req', '-in', 'request.pem', ...authority, '-days', '9999', '-out', 'cert.pem']);
  return folder;
}

/** Signs a file of that folder; what `to` held before is replaced. */
export function signImage(folder: string, from: string, to: string, digest: 'sha1' | 'sha256' = 'sha256'): void {
  rmSync(join(folder, to), { force: true });
  const key = ['-certs', 'cert.pem', '-key', 'key.pem'];
  run(folder, 'osslsigncode', ['sign', '-h', digest, ...key, '-in', from, '-out', to]);
}
