// From nothing to a verified connection over TLS: authority, host, client, install, verify. What was typed stays when one goes back.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { certificates as section, type CertificateSummary } from '../../../app/contract/certificates.ts';
import type { Connection } from '../../../app/contract/connections.ts';
import type { SetupWish } from '../../../app/contract/setup.ts';
import type { Refusal } from '../../../app/contract/refusal.ts';
import { alternativeNameText } from '../../../app/pki/subject.ts';
import { useApi, useAsk } from '../../api/api.tsx';
import { Card } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { go } from '../place.ts';
import { useAct } from './act.ts';
import { authorityAsked, chosenOf, clientAsked, type Draft, emptyDraft, firstHost, hostOfUri, installable, namesOfHost, newOne, organizationOf, serverAsked, signers, trusted, usable } from './draft.ts';
import { noProblems, problemsOf, type Problems, proposedNames, reachedOf, withRefusal } from './form.ts';
import { leadsTo } from './leads.ts';
import { type InstallOptions, InstallStep, usualOptions } from './install-step.tsx';
import { AuthorityStep, ClientStep, ServerStep } from './making-steps.tsx';
import { useInstall } from './setup-plan.tsx';
import { VerifyStep } from './verify-step.tsx';
import { indexOfStep, StepList, type WizardStep, wizardSteps } from './wizard-steps.tsx';

/** What was made here, and of what: the same again needs nothing to be made, something else takes its place. */
interface Made {
  readonly id: string;
  readonly of: string;
}

type Kind = 'authority' | 'server' | 'client';

/** From here on there is room for what is beside the steps. */
const wide = '@media (min-width: 1360px)';

const titles: Readonly<Record<WizardStep, string>> = { authority: 'Authority', server: 'Certificate for the host', client: 'Certificate for this computer', install: 'Install', verify: 'Verify' };
const nextWords: Readonly<Record<WizardStep, string>> = { authority: 'Next: host certificate', server: 'Next: client certificate', client: 'Next: install', install: 'Next: verify', verify: 'Done' };

export const Wizard = ({ host, certificate, connections, certificates, aside }: {
  /** The saved connection it was opened for; '' = none. */
  readonly host: string;
  /** The certificate of a host it was opened for. */
  readonly certificate: string | undefined;
  readonly connections: readonly Connection[];
  readonly certificates: readonly CertificateSummary[];
  readonly aside: ReactNode;
}): ReactNode => {
  const { client } = useApi();
  const hosts = installable(connections);
  const wanted = certificates.find(({ id, kind }) => id === certificate && kind === 'host');
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(firstHost(host, connections), wanted));
  const [step, setStep] = useState<WizardStep>(() => (wanted === undefined ? 'authority' : firstStep(draft.host, wanted, certificates)));
  const [reached, setReached] = useState(() => indexOfStep(step));
  const [tried, setTried] = useState(false);
  const [made, setMade] = useState<Partial<Record<Kind, Made>>>({});
  /** Opens the key of the authority made here; kept as long as this page is open. */
  const [passphrase, setPassphrase] = useState<string | null>(null);
  const [options, setOptions] = useState<InstallOptions>(usualOptions);
  const { busy, refusal, run, clear } = useAct();
  const heading = useRef<HTMLElement>(null);
  useEffect(() => {
    if (indexOfStep(step) > 0 || reached > 0) heading.current?.focus();
  }, [step, reached]);

  // Keys go on at the first field that is wrong.
  const [stumbled, setStumbled] = useState(0);
  useEffect(() => {
    if (stumbled > 0) heading.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [stumbled]);

  const connection = connections.find(({ id }) => id === draft.host);
  const ready = connection?.state.phase === 'ready';
  const look = useAsk('setup', 'look', { host: draft.host === '' ? null : draft.host }, ready);
  const about = useAsk('program', 'about', {});
  const description = useAsk('hosts', 'describe', { host: draft.host }, ready);

  // What was made here is shown as it was typed, not among those to choose from.
  const mine = new Set(Object.values(made).map(({ id }) => id));
  const others = certificates.filter(({ id }) => !mine.has(id));
  const authorities = [...signers(others), ...trusted(others)];
  const authorityChoice = chosenOf(draft.authority.choice, authorities);
  const canMake = authorityChoice === newOne || signers(others).some(({ id }) => id === authorityChoice);
  const authorityId = authorityChoice === newOne ? made.authority?.id ?? null : authorityChoice;
  const organization = organizationOf(certificates.find(({ id }) => id === authorityId)) || draft.authority.subject.CN;
  const names = connection === undefined ? [] : proposedNames([...namesOfHost(connection, description.data?.hostname), ...(look.data?.names ?? [])]);
  const servers = usable(others, 'host', authorityId, names, wanted?.id);
  const serverChoice = chosenOf(draft.server.choice, servers, canMake);
  const serverId = serverChoice === newOne ? made.server?.id ?? null : serverChoice || null;
  const clients = usable(others, 'client', authorityId, []);
  const clientChoice = chosenOf(draft.client.choice, clients, canMake);
  const clientId = clientChoice === newOne ? made.client?.id ?? null : clientChoice || null;
  const proposedServer = { names, organization };
  const proposedClient = { commonName: about.data?.user ?? '', organization };

  const authorityTakes = authorityAsked(draft.authority);
  const serverTakes = serverAsked(draft, authorityId ?? 'none', proposedServer);
  const clientTakes = clientAsked(draft, authorityId ?? 'none', proposedClient);
  const opens = authorityChoice === newOne && passphrase !== null ? { passphrase } : {};
  const { names: typedNames = [] } = serverTakes.hosts[0] ?? {};

  const typedPlace = useSettled(options.reachedAs);
  const reachedAs = reachedOf(typedPlace);
  const installing = step === 'install' || step === 'verify';
  const wish: SetupWish | null = !installing || serverId === null || clientId === null || reachedAs === null ? null : {
    kind: 'host', certificate: serverId, uses: [...options.uses], client: clientId, ...(draft.server.keyOnHost && serverChoice === newOne && { keyOnHost: true }), ...(Object.keys(reachedAs).length > 0 && { reachedAs }),
  };
  const onHost = useInstall(draft.host, wish);
  const here = useInstall(null, !installing || clientId === null ? null : { kind: 'client', certificate: clientId, place: options.place });
  const installed = onHost.report?.outcome === 'complete' && here.report?.outcome === 'complete';

  const found: Readonly<Record<WizardStep, Problems>> = {
    authority: authorityChoice === newOne ? problemsOf(section.asks.createAuthority.takes, authorityTakes) : noProblems,
    server: withHost(draft.host, serverChoice === newOne ? problemsOf(section.asks.createHost.takes, serverTakes) : chosenProblems(serverChoice)),
    client: clientChoice === newOne ? problemsOf(section.asks.createClient.takes, clientTakes) : chosenProblems(clientChoice),
    install: noProblems, verify: noProblems,
  };
  const repeatedWrong = step === 'authority' && authorityChoice === newOne && draft.authority.passphrase.passphrase !== draft.authority.passphrase.repeated;
  const shown = withRefusal(tried ? found[step] : onlyTyped(found[step]), refusal);
  const placed = refusal?.field !== undefined && step !== 'install';

  /** Makes one unless the very same was made before; what it takes the place of is deleted, for nothing uses it yet. */
  const make = async (kind: Kind, takes: object, asks: () => Promise<string>): Promise<void> => {
    const of = JSON.stringify(takes);
    const before = made[kind];
    if (before?.of === of) return;
    const id = await asks();
    setMade((all) => ({ ...all, [kind]: { id, of } }));
    const old = certificates.find((one) => one.id === before?.id);
    if (old !== undefined) await client.ask('certificates', kind === 'authority' ? 'removeAuthority' : 'remove', { id: old.id, confirm: old.label });
  };
  const makeServer = async (): Promise<string> => {
    if (!draft.server.keyOnHost) {
      const { ids: [id = ''] } = await client.ask('certificates', 'createHost', { ...serverTakes, ...opens });
      return id;
    }
    const checked = section.asks.createHost.takes.parse(serverTakes);
    const canonical = (checked.hosts[0]?.names ?? []).map(alternativeNameText);
    const { pem } = await client.ask('setup', 'request', { host: draft.host, names: canonical, organization: draft.server.organization ?? organization, keyBits: draft.server.life.keyBits });
    const subject = [...(checked.hosts[0]?.subject ?? []), { attribute: 'CN' as const, value: canonical[0] ?? '' }];
    const { id } = await client.ask('certificates', 'signRequest', { authority: serverTakes.authority, request: pem, kind: 'host', subject, names: canonical, validity: serverTakes.validity, clientAuth: draft.server.clientAuth, host: draft.host, ...opens });
    return id;
  };
  const toStep = (to: WizardStep): void => {
    clear();
    setTried(false);
    setStep(to);
    setReached(Math.max(reached, indexOfStep(to)));
  };
  const advance = async (): Promise<void> => {
    switch (step) {
      case 'authority':
        if (authorityChoice === newOne) {
          await make('authority', authorityTakes, async () => (await client.ask('certificates', 'createAuthority', authorityTakes)).id);
          setPassphrase(draft.authority.passphrase.passphrase);
        }
        return toStep('server');
      case 'server':
        if (serverChoice === newOne) await make('server', { ...serverTakes, key: draft.server.keyOnHost }, makeServer);
        return toStep('client');
      case 'client':
        if (clientChoice === newOne) await make('client', clientTakes, async () => (await client.ask('certificates', 'createClient', { ...clientTakes, ...opens })).id);
        return toStep('install');
      case 'install':
        if (installed) return toStep('verify');
        if (here.report?.outcome !== 'complete' && !(await here.start())) return undefined;
        await onHost.start();
        return undefined;
      case 'verify':
        return go({ at: 'certificates' });
    }
  };
  const next = (): void => {
    setTried(true);
    if (found[step].size > 0 || repeatedWrong) setStumbled((times) => times + 1);
    else run(advance);
  };
  const change = (part: Partial<Draft>): void => {
    clear();
    setDraft({ ...draft, ...part });
  };
  const installAgain = (): void => {
    onHost.again();
    here.again();
    toStep('install');
  };
  const stepOfKind: Readonly<Record<CertificateSummary['kind'], WizardStep>> = { authority: 'authority', host: 'server', client: 'client' };
  const lead = leadsTo({
    host: draft.host,
    renew: (id) => toStep(stepOfKind[certificates.find((one) => one.id === id)?.kind ?? 'host']),
    revocations: () => go({ at: 'certificates' }),
    make: (what) => toStep(what === null ? 'authority' : stepOfKind[what]),
    install: installAgain,
    connectBy: installAgain,
  });
  const at = indexOfStep(step);
  const before = wizardSteps[at - 1]?.step;
  const error = refusal !== null && !(placed && known(refusal, shown)) ? <RefusalCard refusal={refusal} title={step === 'install' ? 'Nothing was installed' : 'Not made'} /> : null;
  const parts = { draft, problems: shown, tried, busy, onChange: change };
  const uri = tlsUri(onHost.plan?.steps.find((one) => one.kind === 'verify')?.uri, here.plan?.pkipath ?? null) ?? '';
  return (
    <Box component="form" noValidate sx={{ flex: 1, minHeight: 0, display: 'flex', flexDirection: 'column' }} onSubmit={(event) => {
      event.preventDefault();
      next();
    }}>
      <Box sx={{ flex: 1, minHeight: 0, overflow: 'auto', p: '14px 20px', display: 'grid', gap: '14px', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: '190px minmax(0, 1fr)' }, [wide]: { gridTemplateColumns: '200px minmax(0, 1fr) 320px' }, alignContent: { xs: 'start', md: 'stretch' } }}>
        <Box sx={{ bgcolor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: '10px', p: '14px 12px' }}>
          <StepList step={step} doneBefore={reached} disabled={busy} onStep={toStep} />
        </Box>
        <Box ref={heading} tabIndex={-1} sx={{ minWidth: 0, outline: 'none !important' }}>
          <Card title={titles[step]}>
            <Box sx={{ display: 'grid', gap: '10px', maxWidth: 860 }}>
              {step === 'authority' && <AuthorityStep {...parts} problems={shown} offered={authorities} chosen={authorityChoice} />}
              {step === 'server' && <ServerStep {...parts} offered={servers} chosen={serverChoice} canMake={canMake} hosts={hosts} proposed={proposedServer} note={<HostNote connection={connection} meant={connections.find(({ id }) => id === host)} />} />}
              {step === 'client' && <ClientStep {...parts} offered={clients} chosen={clientChoice} canMake={canMake} proposed={proposedClient} />}
              {step === 'install' && <InstallStep host={draft.host} name={connection?.name ?? ''} look={look.data} options={{ ...options }} onOptions={setOptions} onHost={onHost} here={here} busy={busy} refusal={error} />}
              {step === 'verify' && connection !== undefined && <VerifyStep connection={connection} uri={uri} lead={lead} />}
              {step !== 'install' && error}
              {step === 'server' && typedNames.length > 0 && connection !== undefined && !typedNames.includes(hostOfUri(connection.uri) ?? typedNames[0] ?? '') && <Typography sx={{ color: 'warning.main' }}>{hostOfUri(connection.uri)}, by which {connection.name} is reached now, is not among the names.</Typography>}
            </Box>
          </Card>
        </Box>
        <Box sx={{ display: 'none', [wide]: { display: 'block' } }}>{aside}</Box>
      </Box>
      <Box component="footer" sx={{ flex: 'none', bgcolor: 'background.paper', borderTop: 1, borderColor: 'divider', p: '10px 20px', display: 'flex', gap: 1, alignItems: 'center' }}>
        <Button variant="text" disabled={busy} onClick={() => go({ at: 'certificates' })} sx={{ mr: 'auto' }}>{step === 'verify' ? 'Close' : 'Cancel'}</Button>
        {before !== undefined && <Button disabled={busy} onClick={() => toStep(before)}>Back</Button>}
        <Button type="submit" variant="contained" color="primary" loading={busy} disabled={step === 'install' && !installed && (typedPlace !== options.reachedAs || onHost.plan === undefined || here.plan === undefined)}>{step === 'install' && !installed ? 'Install' : nextWords[step]}</Button>
      </Box>
    </Box>
  );
};

/** What is worth knowing of the host that was chosen, or of the one that was `meant` and cannot be. */
const HostNote = ({ connection, meant }: { readonly connection: Connection | undefined; readonly meant: Connection | undefined }): ReactNode => {
  if (connection !== undefined) {
    return connection.state.phase === 'ready' ? null : <Typography sx={{ color: 'warning.main' }}>{connection.name} is not connected: its names are taken from the URI alone, and nothing can be installed before it is.</Typography>;
  }
  return meant === undefined ? null : <Typography sx={{ color: 'warning.main' }}>{meant.name} is saved with {meant.uri} only. Files are written on a host over SSH: add it with a URI such as qemu+ssh://root@{hostOfUri(meant.uri)}/system as well.</Typography>;
};

/** What is typed once nothing was for a moment: a plan looks at the host, and not at every letter. */
const useSettled = (typed: string): string => {
  const [settled, setSettled] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(typed), 400);
    return () => clearTimeout(timer);
  }, [typed]);
  return settled;
};

/** Before Next was tried, what is missing is not told, only what is wrong with what was typed. */
const onlyTyped = (problems: Problems): Problems => new Map([...problems].filter(([field]) => field !== 'subject' && field !== 'hosts.0.names'));

/** There is none to choose, and none can be made. */
const chosenProblems = (choice: string): Problems => (choice === '' ? new Map([['choice', 'There is no certificate to install.']]) : noProblems);

/** Where a certificate that is there already goes on: at what is missing first. */
const firstStep = (host: string, wanted: CertificateSummary, certificates: readonly CertificateSummary[]): WizardStep =>
  (host === '' ? 'server' : usable(certificates, 'client', wanted.authority, []).length === 0 ? 'client' : 'install');

const withHost = (host: string, problems: Problems): Problems => (host === '' ? new Map([...problems, ['host', 'Choose a host.']]) : problems);

/** Fields that are on screen; a refusal at another is told below. */
const known = ({ field = '' }: Refusal, problems: Problems): boolean => problems.has(field) && /^(subject|validity|newPassphrase|hosts\.0\.(names|subject))/.test(field);

/** The URI of the connection that was verified, with the folder of the client's files. */
const tlsUri = (uri: string | undefined, pkipath: string | null): string | undefined =>
  (uri === undefined || pkipath === null || uri.includes('pkipath=') ? uri : `${uri}${uri.includes('?') ? '&' : '?'}pkipath=${pkipath}`);
