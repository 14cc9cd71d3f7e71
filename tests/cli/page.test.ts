import { expect, test } from 'vitest';
import { deadbox } from '../support/cli.js';

test('deadbox page writes the page for browsers, with all its scripts in it', () => {
  const { stdout, stderr, code } = deadbox(['page']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^<!doctype html>\n/);
  expect(stdout.trimEnd()).toMatch(/<\/html>$/);
  expect(stdout).not.toMatch(/<script[^>]* src=/);
});
