// The doctor on the demo host: what it finds of versions and rights, and that the session and the list of hosts notice nothing.
import { expect, it } from 'vitest';
import type { DoctorReport } from '../../app/contract/doctor.ts';
import { Fault } from '../demo/fault.ts';
import type { errorCode } from '../libvirt/constants.ts';
import { LibvirtError } from '../libvirt/errors.ts';
import { connectedMain, demoMain, intercept, type Intercepted } from './demo-main.test-peer.ts';

const refusing = (code: keyof typeof errorCode) => async (): Promise<never> => {
  throw new LibvirtError(new Fault(code, 'domain', 'no').error, 'the call');
};
const stage = ({ stages }: DoctorReport, name: string) => stages.find((each) => each.stage === name);
const examined = async (): Promise<DoctorReport> => await (await demoMain()).ask('connections', 'doctor', { id: 'demo' });

it('goes through every stage, and the session that stands notices nothing', async () => {
  const { ask, news } = await connectedMain();
  const [before] = await ask('connections', 'list', {});
  news.length = 0;
  const report = await ask('connections', 'doctor', { id: 'demo' });
  expect(report).toMatchObject({ well: true, uri: 'demo:///', remedies: [] });
  expect(report.stages.map(({ stage: name, outcome }) => `${name} ${outcome}`)).toEqual(['uri done', 'libvirt done', 'sasl skipped', 'driver done', 'versions done', 'permissions done']);
  expect([await ask('connections', 'list', {}), news]).toEqual([[before], []]);
});

it('examines a URI without saving it, and takes one of both', async () => {
  const { ask } = await demoMain();
  expect(await ask('connections', 'doctor', { uri: 'demo:///' })).toMatchObject({ well: true });
  expect(await ask('connections', 'list', {})).toHaveLength(1);
  expect(stage(await ask('connections', 'doctor', { uri: 'no uri' }), 'uri')).toMatchObject({ outcome: 'failed', refusal: { code: 'bad-uri' } });
  await expect(ask('connections', 'doctor', {})).rejects.toMatchObject({ refusal: { code: 'bad-input', field: 'id' } });
  await expect(ask('connections', 'doctor', { id: 'demo', uri: 'demo:///' })).rejects.toMatchObject({ refusal: { code: 'bad-input' } });
  await expect(ask('connections', 'doctor', { id: 'nobody' })).rejects.toMatchObject({ refusal: { code: 'unknown-host' } });
});

it('tells which rights are missing where they are given one by one', async () => {
  intercept({ connectDomainXmlToNative: refusing('accessDenied'), domainGetXmlDesc: async ({ args, pass }: Intercepted) => ((args as { readonly flags: number }).flags === 0 ? await pass() : await refusing('accessDenied')()) });
  const report = await examined();
  expect(report.well).toBe(true);
  expect(stage(report, 'permissions')).toMatchObject({
    outcome: 'done', seen: expect.stringMatching(/^May list \d+ guests; read definitions without passwords$/),
    warnings: [expect.stringContaining('org.libvirt.api.connect.write'), expect.stringContaining('org.libvirt.api.domain.read-secure')],
  });
});

it('fails at the permissions where guests cannot be listed', async () => {
  intercept({ connectListAllDomains: refusing('accessDenied') });
  expect(stage(await examined(), 'permissions')).toMatchObject({ outcome: 'failed', refusal: { code: 'libvirt', libvirt: { code: 88 } } });
});

it('fails at the permissions where guests cannot be read', async () => {
  intercept({ domainGetXmlDesc: refusing('accessDenied') });
  expect(stage(await examined(), 'permissions')).toMatchObject({ outcome: 'failed', refusal: { message: expect.stringContaining('not read their definitions') } });
});

it('asks for the right to change by what cannot be done: nothing is defined', async () => {
  const { called } = intercept({ connectDomainXmlToNative: refusing('noSupport') });
  const { ask } = await connectedMain();
  const before = await ask('guests', 'list', { host: 'demo' });
  expect(stage(await ask('connections', 'doctor', { id: 'demo' }), 'permissions')).toMatchObject({ seen: expect.stringContaining('change guests') });
  expect(called).toContain('domainDefineXml');
  expect(await ask('guests', 'list', { host: 'demo' })).toEqual(before);
});

it('warns of what a daemon does not have', async () => {
  intercept({ connectGetVersion: refusing('noSupport'), connectSupportsFeature: async ({ args, pass }: Intercepted) => ((args as { readonly feature: number }).feature === 16 ? { supported: 0 } : await pass()) });
  expect(stage(await examined(), 'versions')).toMatchObject({ outcome: 'done', warnings: [expect.stringContaining('may not be installed'), expect.stringContaining('Older than 7.2')] });
});

it('fails at the versions where the daemon does not say what it is', async () => {
  intercept({ connectGetLibVersion: refusing('noSupport') });
  const report = await examined();
  expect(stage(report, 'versions')).toMatchObject({ outcome: 'failed', findings: [] });
  expect(stage(report, 'permissions')).toMatchObject({ outcome: 'skipped', why: 'Not reached.' });
});

it('runs no command where there is no shell to run it', async () => {
  const { ask } = await demoMain();
  await expect(ask('connections', 'remedy', { id: 'demo', remedy: { kind: 'startUnit', unit: 'libvirtd.socket' } })).rejects.toMatchObject({
    refusal: { code: 'command-refused', remedy: 'Type it there: systemctl start libvirtd.socket' },
  });
  expect(await ask('connections', 'remedy', { id: 'demo', remedy: { kind: 'acceptHostKey' } })).toMatchObject({ command: null, code: null, report: { well: true } });
});
