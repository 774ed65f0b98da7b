import type { SelfInfo } from '@amphi/protocol';
import { AmphiError } from '@amphi/protocol/amphi-error';
import { describe, expect, it, vi } from 'vitest';
import type { Request } from '../signaling/signaling.ts';
import { POLICY, WELCOME } from '../signaling/testing.ts';
import { Access } from './access.ts';

function setUp(change: Partial<typeof WELCOME> = {}) {
  const answers: PromiseWithResolvers<{ hosts: string[] }>[] = [];
  const request = vi.fn(() => {
    const answer = Promise.withResolvers<{ hosts: string[] }>();
    answers.push(answer);
    return answer.promise;
  });
  const access = new Access({
    request: request as unknown as Request,
    emit: () => undefined,
  });
  access.welcome({ ...WELCOME, ...change });
  return { access, request, answers };
}

const self = (permissions: SelfInfo['permissions']): SelfInfo => ({
  role: 'speaker',
  permissions,
  exceptions: { grant: [], deny: [] },
  pass: 'pass',
});

describe('rights', () => {
  it('are guessed from role and policy before the join, and the server’s afterwards', () => {
    const policy = { ...POLICY, allowVideo: false };
    const { access } = setUp({ room: { id: 'room', policy } });
    expect([access.may('publish.audio'), access.may('publish.video'), access.may('admit')]).toEqual([
      true,
      false,
      false,
    ]);
    access.setSelf(self(['publish.video']));
    expect([access.may('publish.audio'), access.may('publish.video')]).toEqual([false, true]);
  });

  it('of hosts are not touched by the policy', () => {
    const policy = { ...POLICY, allowVideo: false };
    expect(setUp({ role: 'host', room: { id: 'room', policy } }).access.may('publish.video')).toBe(true);
  });

  it('taken away take the list of those who wait along', () => {
    const { access } = setUp();
    access.setSelf(self(['admit']));
    access.setWaiting([{ id: 'x', name: 'Xenia', since: 1 }]);
    access.setSelf(self([]));
    expect(access.waiting).toEqual([]);
  });
});

describe('the lobby', () => {
  it('is waited in, with the hosts who are there, until somebody decides', async () => {
    const { access, answers } = setUp({ admission: 'lobby' });
    const knocked = access.knock('Gil');
    expect(access.lobby).toEqual({ state: 'waiting', hosts: [] });
    answers[0]?.resolve({ hosts: ['Hanna'] });
    await knocked;
    expect(access.lobby).toEqual({ state: 'waiting', hosts: ['Hanna'] });
    access.setHosts(['Hanna', 'Ida']);
    expect(access.lobby.hosts).toEqual(['Hanna', 'Ida']);
    access.decided(false);
    expect(access.lobby.state).toBe('denied');
    expect(access.standing?.admission).toBe('lobby');
    void access.knock('Gil');
    access.decided(true);
    answers[1]?.resolve({ hosts: ['Hanna'] });
    await vi.waitFor(() => expect(access.lobby.state).toBe('admitted'));
    expect(access.standing?.admission).toBe('open');
  });

  it('is left again when the knock is refused', async () => {
    const { access, answers } = setUp({ admission: 'lobby' });
    const knocked = access.knock('Gil');
    answers[0]?.reject(new AmphiError('room-full', 'too many people wait already'));
    await expect(knocked).rejects.toMatchObject({ code: 'room-full' });
    expect(access.lobby.state).toBe('outside');
  });

  it('is knocked at again by itself where the server forgot who waits', () => {
    const { access, request } = setUp({ admission: 'lobby' });
    void access.knock('Gil');
    access.welcome({ ...WELCOME, admission: 'lobby', resumed: true });
    expect(request).toHaveBeenCalledTimes(1);
    access.welcome({ ...WELCOME, admission: 'lobby' });
    expect(request).toHaveBeenLastCalledWith('lobby.knock', { name: 'Gil' });
    expect(request).toHaveBeenCalledTimes(2);
    access.welcome({ ...WELCOME, admission: 'open' });
    expect(access.lobby.state).toBe('admitted');
  });

  it('that is closed down is in nobody’s way any more', async () => {
    const { access, answers } = setUp({ admission: 'lobby' });
    const knocked = access.knock('Gil');
    access.policyChanged({ ...POLICY, lobby: false });
    expect(access.standing?.admission).toBe('open');
    answers[0]?.resolve({ hosts: [] });
    await knocked;
    expect(access.lobby.state).toBe('admitted');
    access.refused('password');
    expect(access.standing?.admission).toBe('password');
    access.policyChanged({ ...POLICY, password: false });
    expect(access.standing?.admission).toBe('open');
  });
});
