// Profiles as they are kept, given away, taken in, and compared with guests of the demo host.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProfileText } from '../../app/tuning/profile.ts';
import { connectedMain, demoMain, uuidOf } from './demo-main.test-peer.ts';

const heavy: ProfileText = { name: 'Heavy', description: 'Much.', settings: [{ aim: { knob: 'cpuShares', units: null, field: null }, to: 4000 }] };

describe('profiles', () => {
  it('are three to begin with, and stay removed', async () => {
    const { ask } = await demoMain();
    const [first, ...others] = await ask('profiles', 'list', {});
    expect([first?.name, ...others.map(({ name }) => name)]).toEqual(['Database', 'Quiet neighbour', 'Latency-critical']);
    for (const { id } of others) await ask('profiles', 'remove', { id });
    expect(await ask('profiles', 'list', {})).toEqual([first]);
  });

  it('are kept on disk, one for each name, and told of', async () => {
    const { ask, folder, news } = await demoMain();
    const { id } = await ask('profiles', 'save', { id: null, profile: heavy });
    await ask('profiles', 'save', { id, profile: { ...heavy, description: 'More.' } });
    expect(JSON.parse(await readFile(join(folder, 'profiles.json'), 'utf8'))).toContainEqual({ ...heavy, description: 'More.', id, guests: [] });
    expect(news.filter(({ section }) => section === 'profiles')).toHaveLength(2);
    await expect(ask('profiles', 'save', { id: null, profile: heavy })).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'profile.name' } });
    await expect(ask('profiles', 'remove', { id: 'none' })).rejects.toMatchObject({ refusal: { code: 'unknown-profile' } });
  });

  it('are given away without guests and taken in under a free name', async () => {
    const { ask } = await demoMain();
    const { id } = await ask('profiles', 'save', { id: null, profile: heavy });
    await ask('profiles', 'assign', { id, guests: [{ host: 'demo', uuid: '7d1e0001-4b5c-4d6e-8f70-5a1c0de00001' }] });
    const { text } = await ask('profiles', 'exportText', { ids: [id] });
    expect(JSON.parse(text)).toEqual({ format: 'guestdeck-profiles', version: 1, profiles: [heavy] });
    expect([await ask('profiles', 'importText', { text }), await ask('profiles', 'importText', { text })]).toEqual([[{ name: 'Heavy (2)' }], [{ name: 'Heavy (3)' }]]);
  });

  it.each([
    ['{', /line 1, column/], ['{}', /no profiles that Guestdeck exported: format/],
    [JSON.stringify({ format: 'guestdeck-profiles', version: 2, profiles: [heavy] }), /newer Guestdeck/],
    [JSON.stringify({ format: 'guestdeck-profiles', version: 1, profiles: [heavy, { ...heavy, settings: [{ aim: { knob: 'horsePower', units: null, field: null }, to: 1 }] }] }), /Profile 2 is not understood: settings\.0\.aim\.knob/],
  ])('are not taken from %j', async (text, why) => {
    const { ask } = await demoMain();
    await expect(ask('profiles', 'importText', { text })).rejects.toMatchObject({ refusal: { code: 'bad-input', message: expect.stringMatching(why) } });
    expect(await ask('profiles', 'list', {})).toHaveLength(3);
  });

  it('tell which of their guests differ and in what, also of one that is not there', async () => {
    const { ask } = await connectedMain();
    const { id } = await ask('profiles', 'save', { id: null, profile: heavy });
    const [one, other] = [{ host: 'demo', uuid: await uuidOf(ask, 'web-01') }, { host: 'demo', uuid: await uuidOf(ask, 'etl-night') }];
    const gone = { host: 'demo', uuid: '00000000-0000-4000-8000-000000000000' };
    await ask('profiles', 'assign', { id, guests: [one, other, gone] });
    const { basis } = await ask('tuning', 'read', one);
    await ask('tuning', 'apply', { ...one, basis, wanted: { saved: { cpuShares: { '': 4000 } } } });
    expect(await ask('profiles', 'drift', { id })).toEqual([
      { ...one, name: 'web-01', state: 'matches', differences: [] },
      { ...other, name: 'etl-night', state: 'differs', differences: [{ knob: 'cpuShares', unit: '', field: null, has: '50', wants: '4000' }] },
      { ...gone, name: '', state: 'unknown', differences: [] },
    ]);
    await ask('profiles', 'release', { id, guests: [one, gone] });
    expect((await ask('profiles', 'drift', { id })).map(({ name }) => name)).toEqual(['etl-night']);
  });
});
