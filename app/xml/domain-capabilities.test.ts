// What is read out of domain capabilities.
import { describe, expect, it } from 'vitest';
import { readDomainCapabilities } from './domain-capabilities.ts';

const of = (cpu: string): ReturnType<typeof readDomainCapabilities> => readDomainCapabilities(`<domainCapabilities><vcpu max='255'/><cpu>${cpu}</cpu></domainCapabilities>`);

describe('domain capabilities', () => {
  it('tell the modes, the models with what the host lacks for them, and what host-model is', () => {
    expect(of(`
      <mode name='host-passthrough' supported='no'/>
      <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model><vendor>AMD</vendor><feature policy='require' name='svm'/><feature policy='disable' name='vme'/></mode>
      <mode name='custom' supported='yes'>
        <model usable='yes' vendor='unknown'>qemu64</model>
        <model usable='no' vendor='Intel'>Haswell</model>
        <model>old</model>
        <blockers model='Haswell'><feature name='hle'/><feature name='rtm'/></blockers>
      </mode>`)).toEqual({
      maximumVcpus: 255,
      modes: [{ name: 'host-passthrough', supported: false }, { name: 'host-model', supported: true }, { name: 'custom', supported: true }],
      models: [
        { name: 'qemu64', usable: true, vendor: null, blockers: [] },
        { name: 'Haswell', usable: false, vendor: 'Intel', blockers: ['hle', 'rtm'] },
        { name: 'old', usable: null, vendor: null, blockers: [] },
      ],
      hostModel: { model: 'EPYC', vendor: 'AMD', features: [{ name: 'svm', policy: 'require' }, { name: 'vme', policy: 'disable' }] },
      devices: {},
    });
  });

  it('that tell nothing of CPUs leave it open', () => {
    expect(readDomainCapabilities('<domainCapabilities/>')).toEqual({ maximumVcpus: null, modes: [], models: [], hostModel: null, devices: {} });
    expect(of("<mode name='host-model' supported='no'/><mode name='custom' supported='no'><model>x</model></mode>")).toMatchObject({ models: [], hostModel: null });
  });

  it('tell what there is of some kinds of devices', () => {
    const told = readDomainCapabilities("<domainCapabilities><devices><tpm supported='yes'><enum name='backendModel'><value>passthrough</value></enum></tpm><filesystem supported='no'/><video supported='yes'/></devices></domainCapabilities>");
    expect(told.devices).toEqual({ tpm: { supported: true, enums: { backendModel: ['passthrough'] } }, filesystem: { supported: false, enums: {} } });
  });

  it('are not taken for any other XML', () => expect(() => readDomainCapabilities('<capabilities/>')).toThrow(/not <domainCapabilities>/));
});
