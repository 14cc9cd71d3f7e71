import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runInProcess } from '../support/cli-in-process.js';
import { ObjectStorage } from '../support/object-storage.js';
import { testImagePath } from '../support/test-image.js';
import { run, temporaryFolder } from '../support/tools.js';

describe.each(['s3', 'azure'] as const)('a signed link of %s', (kind) => {
  const storage = new ObjectStorage(kind);
  const disk = new Uint8Array(readFileSync(testImagePath('gpt-faulty')));
  const other = new Uint8Array(readFileSync(testImagePath('gpt-reverted')));
  const folder = temporaryFolder();
  const seen: string[] = [];
  let runs = 0;
  /** Runs the command line; everything that it says and writes is looked through at the end. */
  const deadbox = async (...args: string[]): Promise<{ code: number | undefined; said: string; out: string }> => {
    const here = join(folder, `run-${(runs += 1)}`);
    mkdirSync(here);
    const out = join(here, 'out');
    const { code, said, error } = await runInProcess([...args.map((arg) => arg.replace('HERE', here)), '-o', out]);
    const written = readdirSync(here).map((name) => readFileSync(join(here, name), 'utf8'));
    seen.push(said, String(error?.stack), JSON.stringify(error), ...written);
    return { code, said, out: written.join('\n') };
  };

  beforeAll(() => storage.start());
  afterAll(() => storage.stop());
  beforeEach(() => {
    storage.validFor = Number.POSITIVE_INFINITY;
    storage.intercept = (request, response) => storage.answer(request, response);
    storage.files.set('/vhds/server.vhd', disk);
    storage.files.set('/vhds/other.vhd', other);
  });

  test('is read in ranges by GET alone; the files beside it are not ours, and that is no error', async () => {
    const { code, out } = await deadbox('scan', '--quick', storage.link('/vhds/server.vhd'), '--json');
    expect(code).toBe(1);
    const [image] = JSON.parse(out).images;
    expect(image).toMatchObject({ path: storage.url('/vhds/server.vhd'), verdict: 'faulty' });
  });

  test('is judged in a run with journal and every report, twice under two signatures', async () => {
    const link = storage.link('/vhds/server.vhd');
    const forms = ['html', 'md', 'csv', 'sarif', 'json', 'ndjson'].flatMap((form) => [
      '--report',
      `HERE/report.${form}`,
    ]);
    const args = ['--quick', link, link.replace('20261127', '20261126'), storage.link('/vhds/other.vhd'), link];
    const { code, said } = await deadbox('scan', ...args, '--journal', 'HERE/run.ndjson', ...forms);
    expect(code).toBe(1);
    expect(said).not.toContain('ERROR');
  });

  test('that has expired says so, before the first byte and in the midst of a scan', async () => {
    storage.validFor = 0;
    const before = await deadbox('scan', storage.link('/vhds/server.vhd'), '--json');
    storage.validFor = 4;
    const amid = await deadbox('scan', storage.link('/vhds/server.vhd'), '--json');
    for (const { code, out } of [before, amid]) {
      const [{ error }] = JSON.parse(out).images;
      expect({ code, error: error.code }).toEqual({ code: 2, error: 'SOURCE_DENIED' });
      expect(error.message).toContain('the signed link has expired');
      expect(error.message).toContain(kind === 's3' ? '403 AccessDenied' : '403 AuthenticationFailed');
    }
  });

  test('whose signature is wrong is named by the code that the service gives, without what it repeats', async () => {
    const { out } = await deadbox('scan', `${storage.url('/vhds/server.vhd')}?X-Amz-Signature=AKIAEXAMPLEKEY&sig=x`);
    expect(out).toContain(kind === 's3' ? 'SignatureDoesNotMatch' : 'AuthenticationFailed');
    expect(out).not.toContain('<');
  });

  test('to a file that is replaced meanwhile ends the scan of that file', async () => {
    storage.intercept = (request, response, count) => {
      if (count > 0 && storage.requests.length > 3) storage.files.set('/vhds/server.vhd', other);
      return storage.answer(request, response);
    };
    storage.requests.length = 0;
    const { out } = await deadbox('scan', storage.link('/vhds/server.vhd'), '--json');
    expect(JSON.parse(out).images[0].error.code).toBe('SOURCE_CHANGED');
  });

  test('may redirect to a link with a signature of its own, and nowhere else', async () => {
    storage.intercept = (request, response) => {
      if (!request.path.startsWith('/moved')) return storage.answer(request, response);
      const to =
        request.path === '/moved/here' ? storage.link('/vhds/server.vhd') : `ftp://host/?sig=${storage.signature}`;
      response.writeHead(307, { location: to }).end();
      return true;
    };
    const followed = await deadbox('scan', '--quick', storage.link('/moved/here'), '--json');
    expect(JSON.parse(followed.out).images[0].verdict).toBe('faulty');
    const refused = await deadbox('scan', '--quick', storage.link('/moved/away'), '--json');
    expect(JSON.parse(refused.out).images[0].error.code).toBe('HTTP_REDIRECT_REFUSED');
  });

  test('is refused as a place to write to, as a parent that does not fit, and where it is no address', async () => {
    const link = storage.link('/vhds/server.vhd');
    await deadbox('fix', link);
    await deadbox('scan', '--quick', testImagePath('gpt-absent'), '--parent', link, '--json');
    const broken = await deadbox('scan', '--quick', `https://[broken?sig=${storage.signature}`, link, '--json');
    expect(JSON.parse(broken.out).images.map(({ error }: any) => error?.code)).toEqual(['INVALID_ARGUMENT', undefined]);
    await deadbox('fleet', 'submit', link, '--queue', 'redis://127.0.0.1:1');
    await deadbox('info', link, '--volume', '9');
    await deadbox('ls', link, '/nowhere');
    await deadbox('verify', link);
    await deadbox('fix', 'nbd://user@127.0.0.1:1/disk');
    expect(seen.join('\n')).toContain('an export of an NBD server');
    const text = join(folder, 'targets.txt');
    writeFileSync(text, `${link}\n${link}\n`);
    await deadbox('scan', '--quick', '--targets', text, '--newest-clean');
  });

  test('is never shown: in no output, report, journal, message or stack', () => {
    const everything = seen.join('\n');
    expect(everything.length).toBeGreaterThan(10_000);
    for (const secret of storage.secrets) expect(everything).not.toContain(secret);
    const packed = run('sh', ['-c', `cat ${folder}/run-*/* | strings`]);
    for (const secret of storage.secrets) expect(packed).not.toContain(secret);
  });
});
