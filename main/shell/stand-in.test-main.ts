// A Main for the shells' tests: it remembers who asked what, answers what it is told to, opens what lines it is given, and tells news on demand.
import type { News } from '../../app/contract/contract.ts';
import { type Answer, Refused } from '../../app/contract/refusal.ts';
import { channelDesk } from '../services/channel-desk.ts';
import { channelDoorOf, type Caller, type ChannelServices, type Main } from '../services/services.ts';

export interface StandIn extends Main {
  readonly asked: { readonly section: string; readonly name: string; readonly takes: unknown; readonly caller: Caller }[];
  readonly hearers: Set<(news: News) => void>;
  readonly complaints: unknown[];
  closed: boolean;
}

export const standIn = (
  answer: (section: string, name: string) => Promise<Answer<unknown>> = async () => ({ ok: true, value: 'heard' }),
  serial: ChannelServices['consoles']['serial'] = async () => await Promise.reject(new Refused('not-connected', 'There is no line.')),
): StandIn => {
  const main: StandIn = {
    asked: [],
    hearers: new Set(),
    complaints: [],
    closed: false,
    answer: (section, name, takes, caller) => {
      main.asked.push({ section, name, takes, caller });
      return answer(section, name);
    },
    listen: (hear) => {
      main.hearers.add(hear);
      return () => void main.hearers.delete(hear);
    },
    channels: (caller, post) => channelDesk({ caller, post, open: channelDoorOf({ consoles: { serial, screen: async () => await Promise.reject(new Refused('not-connected', 'There is no display.')) } }), complain: (error) => main.complaints.push(error) }),
    close: async () => {
      main.closed = true;
    },
  };
  return main;
};

export const someNews: News = { section: 'program', name: 'preferencesChanged', told: {} };
