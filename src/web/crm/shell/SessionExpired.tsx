import { Modal, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { onSignedOut } from '../../hooks/database';
import { useSignedIn } from '../../hooks/session';
import { SignInForm } from '../../session/SignInForm';

/** Over the screen, so that what was typed into it is still there after signing in again. */
export function SessionExpired() {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const [expired, setExpired] = useState(false);
  useEffect(() => onSignedOut(() => setExpired(true)), []);
  return (
    <Modal
      opened={expired}
      onClose={() => {}}
      withCloseButton={false}
      title={t('signIn.expired')}
      closeOnEscape={false}
      closeOnClickOutside={false}
    >
      <Text c="dimmed" size="sm" mb="md">
        {t('signIn.expiredText')}
      </Text>
      <SignInForm email={user.email} onSignedIn={() => setExpired(false)} />
    </Modal>
  );
}
