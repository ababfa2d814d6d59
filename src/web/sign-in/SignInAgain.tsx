import { Modal, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSignedIn } from '../hooks/session/session';
import { SignInForm } from './SignInForm';

/** Signs the same user in again after the session has expired. */
export function SignInAgain({ onSignedIn }: { onSignedIn: () => void }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      title={t('signIn.expired')}
      closeOnEscape={false}
      closeOnClickOutside={false}
    >
      <Text c="dimmed" size="sm" mb="md">
        {t('signIn.expiredText')}
      </Text>
      <SignInForm email={user.email} forOperators={user.role === 'operator'} onSignedIn={onSignedIn} />
    </Modal>
  );
}
