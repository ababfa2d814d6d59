import { Alert, Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { CloudOff, CloudUpload } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueuedEdits, useSendEdits } from '../../hooks/offline/edit-queue';
import { ownerOf } from '../../hooks/offline/offline-store';
import { hasUnsavedInputs } from '../../hooks/offline/unsaved';
import { useIsOffline } from '../../hooks/request/connection';
import { useSignedIn } from '../../hooks/session/session';
import { confirm } from '../../ui/confirm';
import { UnsavedEdits } from '../records/UnsavedEdits';

/** How often the server is asked whether it answers again, ms. */
const AGAIN_MS = 5_000;

/** Says when the server cannot be reached and what is not saved yet. Sends it, and warns before the page is left. */
export function OfflineBar() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { user } = useSignedIn();
  const isOffline = useIsOffline();
  const edits = useQueuedEdits();
  useSendEdits(ownerOf(user.id));
  const waiting = edits.filter(({ problem }) => !problem).length;
  useEffect(() => {
    if (!isOffline) return;
    const again = () => void client.refetchQueries({ queryKey: ['session'] });
    const timer = setInterval(again, AGAIN_MS);
    window.addEventListener('online', again);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', again);
      // The server answers again: the data on screen may be out of date.
      void client.invalidateQueries({ queryKey: ['records'] });
    };
  }, [client, isOffline]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (edits.length > 0 || hasUnsavedInputs()) event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [edits]);
  // An edit that waits is kept on this device. What could not be saved would be lost with its input.
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && hasUnsavedInputs(),
    enableBeforeUnload: false,
    withResolver: true,
  });
  const { status, proceed } = blocker;
  useEffect(() => {
    if (status !== 'blocked') return;
    confirm({
      title: t('offline.leaveTitle'),
      text: t('offline.leaveText'),
      action: t('offline.leave'),
      destructive: true,
      onConfirm: proceed,
    });
  }, [status, proceed, t]);
  if (!isOffline && edits.length === 0) return null;
  return (
    <div>
      {(isOffline || waiting > 0) && (
        <Alert
          color={waiting > 0 ? 'orange' : 'gray'}
          icon={isOffline ? <CloudOff size={18} /> : <CloudUpload size={18} />}
          role="status"
          mb="md"
          py="xs"
        >
          <Group justify="space-between" gap="xs">
            <span>
              {isOffline && `${t('offline.text')} `}
              {waiting > 0 && t(isOffline ? 'offline.waiting' : 'offline.sending', { count: waiting })}
            </span>
            {isOffline && (
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => void client.refetchQueries({ queryKey: ['session'] })}
              >
                {t('tryAgain')}
              </Button>
            )}
          </Group>
        </Alert>
      )}
      <UnsavedEdits edits={edits} />
    </div>
  );
}
