// The door that every shell's questions go through.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contract } from '../../app/contract/contract.ts';
import { Refused } from '../../app/contract/refusal.ts';
import { demoMain, intercept } from './demo-main.test-peer.ts';
import { doorOf, type Services } from './services.ts';

const caller = { id: 'test', gone: new AbortController().signal };

describe('the door', () => {
  it.each([
    ['nothing', 'list'], ['', ''], ['__proto__', 'list'], ['constructor', 'name'], ['guests', '__proto__'], ['guests', 'constructor'], ['guests', 'toString'], ['guests', 'asks'],
    ['guests', 'hasOwnProperty'], ['toString', 'call'],
  ])('knows no ask %s.%s', async (section, name) => {
    const { main } = await demoMain();
    expect(await main.answer(section, name, {}, caller)).toMatchObject({ ok: false, refusal: { code: 'bad-input', field: name } });
  });

  const wrong: readonly (readonly [string, string, unknown, string])[] = [
    ['guests', 'list', undefined, ''],
    ['guests', 'list', null, ''],
    ['guests', 'list', [], ''],
    ['guests', 'list', {}, 'host'],
    ['guests', 'list', { host: '' }, 'host'],
    ['guests', 'list', { host: 'x'.repeat(65) }, 'host'],
    ['guests', 'list', { host: 'demo', more: 1 }, 'more'],
    ['guests', 'list', JSON.parse('{"host":"demo","__proto__":{"x":1}}'), '__proto__'],
    ['guests', 'describe', { host: 'demo', uuid: 'A' }, 'uuid'],
    ['guests', 'act', { host: 'demo', uuid: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00001', action: 'explode' }, 'action'],
    ['guests', 'badges', { host: 'demo', uuids: ['x'] }, 'uuids.0'],
    ['connections', 'add', { uri: ' ' }, 'uri'],
    ['connections', 'answer', { id: 'a', answer: { kind: 'nothing' } }, 'answer.kind'],
    ['history', 'list', { limit: 0 }, 'limit'],
    ['live', 'watch', { interests: [{ host: 'demo', groups: ['all'], uuids: null }] }, 'interests.0.groups.0'],
    ['tuning', 'plan', { host: 'demo', uuid: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00001', wanted: { live: { cpuShares: { x: 1 } } } }, 'wanted.live.cpuShares.x'],
    ['tuning', 'plan', { host: 'demo', uuid: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00001', wanted: { live: { horsePower: {} } } }, 'wanted.live.horsePower'],
  ];
  it.each(wrong)('names the field at fault in %s.%s of %j', async (section, name, takes, field) => {
    const { main } = await demoMain();
    const answer = await main.answer(section, name, takes, caller);
    expect(answer).toMatchObject({ ok: false, refusal: { code: 'bad-input', field } });
  });

  it('has something behind every ask of the contract', async () => {
    const { main } = await demoMain();
    for (const [section, { asks }] of Object.entries(contract)) {
      for (const name of Object.keys(asks)) {
        const answer = await main.answer(section, name, { host: 'none' }, caller);
        expect(answer.ok ? null : answer.refusal.code, `${section}.${name}`).not.toBe('bug');
      }
    }
  });

  it('tells the caller of a bug nothing but that there was one, and the log all', async () => {
    const { main, ask, folder } = await demoMain();
    await ask('connections', 'connect', { id: 'demo' });
    intercept({ connectGetHostname: async () => await Promise.reject(new TypeError('the secret of the inside')) });
    const answer = await main.answer('hosts', 'describe', { host: 'demo' }, caller);
    expect(answer).toEqual({ ok: false, refusal: { code: 'bug', message: 'Guestdeck itself failed at this.', remedy: 'The log in the data folder has the details.' } });
    expect(await readFile(join(folder, 'guestdeck.log'), 'utf8')).toContain('TypeError: the secret of the inside');
  });

  it('passes a refusal on as it is, and complains of none', async () => {
    const complaints: unknown[] = [];
    const refuse = async (): Promise<never> => await Promise.reject(new Refused('libvirt', 'No.', { libvirt: { code: 1, domain: 2 } }));
    const services = { program: { about: refuse } } as unknown as Services;
    const answer = await doorOf(services, (error) => complaints.push(error))('program', 'about', {}, caller);
    expect([answer, complaints]).toEqual([{ ok: false, refusal: { code: 'libvirt', message: 'No.', libvirt: { code: 1, domain: 2 } } }, []]);
  });
});
