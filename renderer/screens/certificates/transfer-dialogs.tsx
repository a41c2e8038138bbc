// Certificates in and out: import from files, export to files, and signing for others or by others.
import Box from '@mui/material/Box';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type ReactNode, useState } from 'react';
import { type CertificateSummary, certificates as section, type RequestSummary } from '../../../app/contract/certificates.ts';
import type { Gives } from '../../../app/contract/contract.ts';
import type { Refusal } from '../../../app/contract/refusal.ts';
import { useApi } from '../../api/api.tsx';
import { CodeBlock } from '../../ui/code-block.tsx';
import { Facts } from '../../ui/card.tsx';
import { monospace } from '../../ui/theme.ts';
import { Tick } from '../../ui/tick.tsx';
import { useAct } from './act.ts';
import { AskDialog } from './ask-dialog.tsx';
import type { AboutProps } from './certificate-dialogs.tsx';
import { bytesOf, type ChosenFile, Download, FilePicker } from './download.tsx';
import { usualLife } from './draft.ts';
import { DaysRow, LifeRows, NamesRow, NewPassphraseRows, noPassphrase, SubjectFields, type TypedLife } from './fields.tsx';
import { daysOf, emptySubject, partsOf, problemsOf, withRefusal } from './form.ts';
import { ChoiceRow, Row, TextRow } from './rows.tsx';

const accepted = '.pem,.crt,.cer,.der,.key,.p12,.pfx,application/x-pem-file,application/x-pkcs12';
const kinds = [{ value: 'authority', label: 'An authority' }, { value: 'host', label: 'The certificate of a host' }, { value: 'client', label: 'The certificate of a client' }] as const;
type Kind = (typeof kinds)[number]['value'];
const kindOf = (value: string): Kind => kinds.find((one) => one.value === value)?.value ?? 'authority';

/** What main found wrong with the files; null = nothing. */
const filesProblem = (refusal: Refusal | null): string | null => (refusal?.field?.startsWith('files') === true ? refusal.message : null);

export const ImportDialog = ({ onClose }: { readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [kind, setKind] = useState<Kind>('authority');
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [passphrase, setPassphrase] = useState('');
  const [typed, setTyped] = useState(noPassphrase);
  const contents = files.map(({ base64 }) => base64);
  const opens = passphrase === '' ? {} : { passphrase };
  const differs = kind === 'authority' && typed.passphrase !== typed.repeated;
  const fields = withRefusal(new Map(), act.refusal);
  const submit = (): void => act.run(async () => {
    if (kind === 'authority') await client.ask('certificates', 'importAuthority', { files: contents, ...opens, ...(typed.passphrase !== '' && { newPassphrase: typed.passphrase, remember: typed.remember }) });
    else await client.ask('certificates', 'importIdentity', { files: contents, kind, ...opens });
    onClose();
  });
  return (
    <AskDialog title="Import" verb="Import" act={act} disabled={files.length === 0 || differs} onClose={onClose} onSubmit={submit}>
      <Typography>A certificate, with its key and the authorities above it where they are at hand: PEM, DER or PKCS#12, in one file or several. What certtool made is fine.</Typography>
      <ChoiceRow label="What it is" value={kind} disabled={act.busy} choices={kinds} onChange={(value) => setKind(kindOf(value))} />
      <Row label="Files"><FilePicker files={files} accept={accepted} disabled={act.busy} problem={filesProblem(act.refusal)} onFiles={setFiles} /></Row>
      <TextRow label="Passphrase of the file" secret value={passphrase} disabled={act.busy} problem={fields.get('passphrase') ?? null} hint="Where its key is encrypted." onChange={setPassphrase} />
      {kind === 'authority' && (
        <>
          <Typography sx={{ color: 'text.secondary' }}>With its key, it can sign here. The key is kept encrypted by a passphrase of its own:</Typography>
          <NewPassphraseRows typed={typed} tried={false} problems={fields} disabled={act.busy} onChange={setTyped} />
        </>
      )}
    </AskDialog>
  );
};

type Exported = Gives<'certificates', 'export'> | { readonly as: 'pem'; readonly files: Gives<'certificates', 'exportAuthority'>['files'] };

const Files = ({ exported }: { readonly exported: Exported }): ReactNode => (
  <Box role="status" sx={{ display: 'grid', gap: 1 }}>
    {exported.as === 'zip'
      ? <Download name={exported.name} content={bytesOf(exported.base64)} note="with a README" main />
      : exported.files.map(({ name, mode, content }) => <Download key={name} name={name} content={content} note={`mode ${mode}${mode.endsWith('00') ? ', for its owner’s eyes only' : ''}`} />)}
  </Box>
);

export const ExportDialog = ({ certificate: { id, kind, label, key }, onClose }: AboutProps): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [as, setAs] = useState<'zip' | 'pem'>('zip');
  const [withKey, setWithKey] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const [exported, setExported] = useState<Exported | null>(null);
  const submit = (): void => act.run(async () => {
    if (kind !== 'authority') return setExported(await client.ask('certificates', 'export', { id, as }));
    const { files } = await client.ask('certificates', 'exportAuthority', { id, ...(withKey && { withKey, passphrase }) });
    return setExported({ as: 'pem', files });
  });
  return (
    <AskDialog title={`Export ${label}`} verb="Export" act={act} done={exported !== null} disabled={withKey && passphrase === ''} onClose={onClose} onSubmit={submit}>
      {exported !== null ? <Files exported={exported} /> : kind === 'authority'
        ? (
          <>
            <Typography>cacert.pem, which hosts and clients need, and cacrl.pem where something was revoked. Neither is secret.</Typography>
            {key !== 'none' && <Tick label="With its key" bad effect="Whoever has this file and its passphrase can make certificates that all your hosts trust." checked={withKey} disabled={act.busy} onChange={setWithKey} />}
            {withKey && <TextRow label="Passphrase" secret value={passphrase} disabled={act.busy} problem={act.refusal?.field === 'passphrase' ? act.refusal.message : null} hint="The key stays encrypted by it." onChange={setPassphrase} />}
          </>
        )
        : (
          <>
            <Typography>The files by the names libvirt gives them{key === 'none' ? '' : ', the key among them, unencrypted: libvirt cannot ask for a passphrase'}.</Typography>
            <ChoiceRow label="As" value={as} disabled={act.busy} choices={[{ value: 'zip', label: 'One archive for another computer, with a README' }, { value: 'pem', label: 'PEM files, one by one' }]} onChange={(value) => setAs(value === 'pem' ? 'pem' : 'zip')} />
          </>
        )}
    </AskDialog>
  );
};

export const MakeRequestDialog = ({ onClose }: { readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [kind, setKind] = useState<Kind>('host');
  const [subject, setSubject] = useState(emptySubject);
  const [names, setNames] = useState<readonly string[]>([]);
  const [life, setLife] = useState<TypedLife>(usualLife('host'));
  const [typed, setTyped] = useState(noPassphrase);
  const [tried, setTried] = useState(false);
  const [made, setMade] = useState<RequestSummary | null>(null);
  const takes = { kind, subject: partsOf(subject), keyBits: life.keyBits, ...(kind === 'host' && { names: [...names] }), ...(kind === 'authority' && { newPassphrase: typed.passphrase, remember: typed.remember }) };
  const found = problemsOf(section.asks.makeRequest.takes, takes);
  const problems = withRefusal(tried ? found : new Map(), act.refusal);
  const submit = (): void => {
    setTried(true);
    if (found.size > 0 || (kind === 'authority' && typed.passphrase !== typed.repeated)) return;
    act.run(async () => setMade(await client.ask('certificates', 'makeRequest', takes)));
  };
  return (
    <AskDialog title="Ask an authority elsewhere for a certificate" verb="Make the request" act={act} done={made !== null} onClose={onClose} onSubmit={submit}>
      {made !== null
        ? (
          <>
            <Typography role="status">Give this to the authority. What it makes of it is brought back on this page; the key stays here.</Typography>
            <CodeBlock label="Request">{made.pem}</CodeBlock>
            <Download name={`${made.label}.csr`} content={made.pem} main />
          </>
        )
        : (
          <>
            <ChoiceRow label="For" value={kind} disabled={act.busy} choices={kinds} onChange={(value) => setKind(kindOf(value))} />
            <SubjectFields typed={subject} problems={problems} path="subject" disabled={act.busy} commonName={{ label: 'Name' }} onChange={setSubject} />
            {kind === 'host' && <NamesRow names={names} problems={problems} path="names" disabled={act.busy} hint="Every name that clients use to reach it." onChange={setNames} />}
            <LifeRows life={life} problems={problems} disabled={act.busy} withDays={false} onChange={setLife} />
            {kind === 'authority' && <NewPassphraseRows typed={typed} tried={tried} problems={withRefusal(found, act.refusal)} disabled={act.busy} onChange={setTyped} />}
          </>
        )}
    </AskDialog>
  );
};

export const TakeSignedDialog = ({ request: { id, label }, onClose }: { readonly request: RequestSummary; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  return (
    <AskDialog title={`Bring the certificate of ${label}`} verb="Take it" act={act} disabled={files.length === 0} onClose={onClose} onSubmit={() => act.run(async () => {
      await client.ask('certificates', 'takeSigned', { id, files: files.map(({ base64 }) => base64) });
      onClose();
    })}>
      <Typography>What the authority made of the request, with the authorities above it where they came along.</Typography>
      <Row label="Files"><FilePicker files={files} accept={accepted} disabled={act.busy} problem={filesProblem(act.refusal)} onFiles={setFiles} /></Row>
    </AskDialog>
  );
};

export const SignRequestDialog = ({ authorities, onClose }: { readonly authorities: readonly CertificateSummary[]; readonly onClose: () => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [authority, setAuthority] = useState(authorities[0]?.id ?? '');
  const [kind, setKind] = useState<'host' | 'client'>('host');
  const [request, setRequest] = useState('');
  const [content, setContent] = useState<Gives<'certificates', 'readRequest'> | null>(null);
  const [names, setNames] = useState<readonly string[]>([]);
  const [days, setDays] = useState(usualLife('host').days);
  const [signed, setSigned] = useState<string | null>(null);
  const takes = { authority, request, kind, validity: { days: daysOf(days) ?? 0 }, ...(kind === 'host' && { names: [...names] }) };
  const problems = withRefusal(problemsOf(section.asks.signRequest.takes, takes), act.refusal);
  const submit = (): void => act.run(async () => {
    if (content === null) {
      const read = await client.ask('certificates', 'readRequest', { request });
      setContent(read);
      setNames(read.names);
      return;
    }
    const { id } = await client.ask('certificates', 'signRequest', takes);
    setSigned((await client.ask('certificates', 'chain', { id })).pem);
  });
  return (
    <AskDialog title="Sign a request" verb={content === null ? 'Read it' : 'Sign'} act={act} done={signed !== null} disabled={request.trim() === '' || daysOf(days) === null} onClose={onClose} onSubmit={submit}>
      {signed !== null && (
        <>
          <Typography role="status">Signed. The certificate is kept here too; its key never was.</Typography>
          <CodeBlock label="Certificate">{signed}</CodeBlock>
          <Download name="certificate.pem" content={signed} main />
        </>
      )}
      {signed === null && content === null && (
        <TextField fullWidth multiline minRows={5} maxRows={10} label="Request (PEM)" value={request} disabled={act.busy} error={problems.has('request') && request !== ''} helperText={request === '' ? null : problems.get('request')} sx={{ mt: 1 }} onChange={(event) => setRequest(event.target.value)} slotProps={{ htmlInput: { spellCheck: false, style: { fontFamily: monospace, fontSize: 12 } } }} />
      )}
      {signed === null && content !== null && (
        <>
          <Facts facts={[['Name', content.subject], ['Names asked for', content.names.join(', ') || 'none'], ['Key', `${content.keyType.toUpperCase()} ${content.keyBits}`]]} />
          <ChoiceRow label="Authority" value={authority} disabled={act.busy} choices={authorities.map(({ id, label }) => ({ value: id, label }))} onChange={setAuthority} />
          <ChoiceRow label="For" value={kind} disabled={act.busy} choices={kinds.filter(({ value }) => value !== 'authority')} onChange={(value) => setKind(value === 'client' ? 'client' : 'host')} />
          {kind === 'host' && <NamesRow names={names} problems={problems} path="names" disabled={act.busy} hint="Only what is listed here gets into the certificate." onChange={setNames} />}
          <DaysRow days={days} problems={problems} disabled={act.busy} onChange={setDays} />
        </>
      )}
    </AskDialog>
  );
};
