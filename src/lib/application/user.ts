/** Roles of a tenant's users. */
export const TENANT_ROLES = ['owner', 'admin', 'manager', 'sales', 'staff', 'viewer'] as const;
export type UserRole = (typeof TENANT_ROLES)[number] | 'operator';
/** What an operator may do. */
export const OPERATOR_ROLES = ['owner', 'engineer', 'support', 'auditor'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];
export type UserStatus = 'invited' | 'active' | 'disabled';

/** Someone who signs in. */
export interface User {
  id: string;
  /** Null for operators. */
  tenantId: string | null;
  email: string;
  displayName: string;
  role: UserRole;
  /** Null for users of tenants. */
  operatorRole: OperatorRole | null;
  status: UserStatus;
  /** Raised to revoke every session. */
  tokenVersion: number;
  totpConfirmedAt: Date | null;
  /** Unused ones. */
  recoveryCodes: number;
  /** Another person chose the password: the user can only replace it. */
  mustChangePassword: boolean;
  lastSignInAt: Date | null;
  locale: string | null;
  timeZone: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Further columns that sign-in needs. Never send them to a client. */
export interface UserForSignIn extends User {
  /** Argon2id, in its encoded form; null until a password is set. */
  passwordHash: string | null;
}

export interface NewUser {
  id?: string;
  tenantId: string | null;
  email: string;
  displayName: string;
  role: UserRole;
  /** Role of an operator; default `owner`. */
  operatorRole?: OperatorRole;
  passwordHash?: string;
  mustChangePassword?: boolean;
  status?: UserStatus;
  locale?: string;
  timeZone?: string;
}

export interface UserChanges {
  email?: string;
  displayName?: string;
  role?: UserRole;
  operatorRole?: OperatorRole;
  status?: UserStatus;
  locale?: string | null;
  timeZone?: string | null;
}
