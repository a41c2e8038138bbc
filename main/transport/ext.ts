// The transport through a program of the user's own: `command=` and, for each further word, `argv=` (https://libvirt.org/uri.html#ext-transport).
import { Refused } from '../../app/contract/refusal.ts';
import { uriParameter } from '../../app/domain/connection-uri.ts';
import { ProgramStream, startProgram } from './program-stream.ts';
import { wordsOf } from './sockets.ts';
import { runStage } from './stages.ts';
import { linkOfOwnStreams } from './streams.ts';
import type { OpenTransport } from './transport.ts';

/** Starts the program anew for each stream. A program that fails ends its stream with what it complained about. */
export const openExt: OpenTransport = async (uri, surroundings) => {
  const program = uriParameter(uri, 'command');
  if (program === undefined) {
    throw new Refused('bad-uri', 'The transport ext needs the program to run.', { stage: 'uri', field: 'uri', remedy: 'Add command= with its path, and argv= for each of its words.' });
  }
  const words = uri.parameters.filter(({ name }) => name.toLowerCase() === 'argv').map(({ value }) => value);
  const subject = { stage: 'socket', doing: `Starting ${program}`, remedy: 'Run the program by hand to see what it does.' } as const;
  return linkOfOwnStreams((signal) =>
    runStage(subject, surroundings, signal, async (step) => {
      try {
        const child = await startProgram(program, words, surroundings.env, step.signal);
        let complaint = '';
        child.stderr.on('data', (chunk: Buffer) => {
          complaint = (complaint + chunk.toString('utf8')).slice(-2000);
        });
        const stream = new ProgramStream(child, () => {
          if (child.exitCode === 0) return undefined;
          return new Refused('socket-missing', `${program} ended with ${child.exitCode === null ? String(child.signalCode) : `code ${child.exitCode}`}: ${complaint.trim() || 'it said nothing'}`, { stage: 'socket', remedy: subject.remedy });
        });
        return { value: stream, seen: program };
      } catch (error) {
        if (step.signal.aborted) throw step.signal.reason;
        throw new Refused('socket-missing', `${program} cannot be started: ${wordsOf(error)}.`, { stage: 'socket', remedy: 'Correct command= in the connection URI; without a path, the program is looked for in PATH.' }, { cause: error });
      }
    }),
  );
};
