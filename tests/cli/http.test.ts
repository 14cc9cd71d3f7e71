import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deadboxAsync, deadboxJson } from '../support/cli.js';
import { RangeServer } from '../support/range-server.js';
import { testImagePath } from '../support/test-image.js';

describe('a disk behind a web address', () => {
  const server = new RangeServer();
  let base: string;
  const image = testImagePath('gpt-faulty');
  beforeAll(async () => {
    server.files.set('/disks/server.raw', new Uint8Array(readFileSync(image)));
    await server.start();
    base = server.url('').replace(/\/$/, '');
  });
  afterAll(() => server.stop());

  test('gives the same report as the file, without showing the signature of the link', async () => {
    const { code, stdout, stderr } = await deadboxAsync([
      'scan',
      '--json',
      '--header',
      'Authorization: Bearer hush',
      `${base}/disks/server.raw?sig=TOP-SECRET`,
    ]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).not.toContain('TOP-SECRET');
    expect(stdout).not.toContain('hush');
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer hush');
    const strip = ({ path, image: container, cost, ...rest }: any): unknown =>
      JSON.parse(JSON.stringify(rest).replaceAll(path, 'PATH'));
    const [served] = JSON.parse(stdout).images;
    expect(served.path).toBe(`${base}/disks/server.raw`);
    const [local] = deadboxJson(['scan', '--json', image]).images;
    // What is behind an address can be neither repaired in place nor mounted.
    for (const installation of local.installations)
      installation.nextSteps = installation.nextSteps.filter(
        ({ id }: any) => id !== 'repair-in-place' && id !== 'remove-on-linux',
      );
    expect(strip(served)).toEqual(strip(local));
  });

  test('a quick verdict takes at most 40 requests', async () => {
    const before = server.requests.length;
    const { stdout } = await deadboxAsync(['scan', '--quick', '--json', `${base}/disks/server.raw`]);
    const asked = server.requests.length - before;
    expect(asked).toBeLessThanOrEqual(40);
    expect(JSON.parse(stdout).images[0].cost.reads).toBe(asked);
  });

  test('several addresses are judged in one run, each under its own name', async () => {
    server.files.set('/disks/other.raw', new Uint8Array(readFileSync(testImagePath('gpt-reverted'))));
    const addresses = [`${base}/disks/server.raw`, `${base}/disks/other.raw`, `${base}/disks/server.raw?version=2`];
    const { code, stdout } = await deadboxAsync(['scan', '--quick', '--json', ...addresses]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).images.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'faulty',
      'reverted',
      'faulty',
    ]);
  });

  test('a server that fails in mid-scan is an error, which says how long it was asked, and no verdict', async () => {
    const from = server.requests.length;
    server.intercept = (_request, response, count) => {
      if (count <= from + 4) return false;
      response.writeHead(503, { 'retry-after': '0' }).end();
      return true;
    };
    const { code, stdout, stderr } = await deadboxAsync(['scan', '--json', `${base}/disks/server.raw?sig=TOP-SECRET`]);
    server.intercept = undefined;
    expect(code).toBe(2);
    const [report] = JSON.parse(stdout).images;
    expect(report).not.toHaveProperty('verdict');
    expect(report).toMatchObject({
      error: { code: 'READ_FAILED', message: expect.stringContaining('503') },
    });
    expect(stderr).toMatch(/the server answered 503; trying again in 0 s, for at most 60 s/);
    expect(stderr).not.toContain('TOP-SECRET');
  });

  test('a file that is not there is an error in a sentence', async () => {
    const { code, stdout } = await deadboxAsync(['scan', `${base}/disks/none.raw?sig=TOP-SECRET`]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/ERROR\n\s+\S/);
    expect(stdout).not.toContain('TOP-SECRET');
  });
});
