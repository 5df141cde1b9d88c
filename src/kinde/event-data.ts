/**
 * What `data` holds, by event type. A new event type is a line here and a file in `fixtures/events`;
 * the compiler holds the two together.
 * Source: `confidence` and `source` of each fixture. `Unverified` marks what no official source describes.
 */
export interface EventDataByType {
  "access_request.created": { access_request: AccessRequest };
  "customer.agreement_cancelled": Unverified<Customer & CustomerPlan>;
  "customer.agreement_created": Unverified<Customer & CustomerPlan & NextBilling>;
  "customer.invoice_overdue": Unverified<Customer & InvoiceDue>;
  "customer.meter_usage_updated": Unverified<Customer & MeterUsage>;
  "customer.payment_failed": Unverified<Customer & InvoiceDue>;
  "customer.payment_succeeded": Unverified<Customer & NextBilling>;
  "customer.plan_assigned": Unverified<Customer & CustomerPlan & NextBilling>;
  "customer.plan_changed": Unverified<Customer & CustomerPlan & NextBilling>;
  "customer.plan_created": Unverified<Customer & CustomerPlan>;
  "organization.created": { organization: CreatedOrganization };
  "organization.deleted": { organization: { code: string } };
  "organization.updated": { organization: UpdatedOrganization };
  "passkey.added": Unverified<Passkey>;
  "passkey.removed": Unverified<Passkey>;
  "permission.created": { permission: Permission };
  "permission.deleted": { permission: { id: string } };
  "permission.updated": { permission: Permission };
  "role.created": { role: Role };
  "role.deleted": { role: { id: string } };
  "role.updated": { role: Role };
  "subscriber.created": { subscriber: Subscriber };
  "user.authenticated": { user: { id: string } };
  "user.authentication_failed": { user: { id: string } };
  "user.created": { user: User };
  "user.deleted": { user: { id: string } };
  "user.updated": { user: User };
}

/** An event type's code; Kinde's dashboard calls it a trigger. */
export type EventType = keyof EventDataByType;

/** A shape that no official source describes: every field may be missing or different in what Kinde really sends. */
export type Unverified<Data> = Partial<Data>;

/** The whole user as it is now (a snapshot, not a difference). */
export interface User {
  /** `null` or `""` for a user who has only a phone. */
  email: string | null;
  first_name: string | null;
  /** `kp_` and 32 hex. */
  id: string;
  is_password_reset_requested: boolean;
  is_suspended: boolean;
  last_name: string | null;
  organizations: UserOrganization[] | null;
  phone: string | null;
  username: string | null;
}

export interface UserOrganization {
  /** `org_` and 11 hex. */
  code: string;
  permissions: { id: string; key: string }[] | null;
  roles: { id: string; key: string }[] | null;
}

export interface AccessRequest {
  email: string;
  first_name: string;
  last_name: string;
  user_id: string;
}

export interface Subscriber {
  email: string;
  first_name: string;
  id: string;
  last_name: string;
  user_id: string;
}

export interface CreatedOrganization {
  code: string;
  external_id?: string | null;
  handle: string | null;
  name: string;
}

export interface UpdatedOrganization {
  code: string;
  external_id: string | null;
  handle: string | null;
  is_allow_registrations: boolean;
  name: string;
}

export interface Role {
  description: string;
  /** A UUID. */
  id: string;
  is_default_role: boolean;
  key: string;
  name: string;
}

export interface Permission {
  description: string;
  /** A UUID. */
  id: string;
  key: string;
  name: string;
}

export interface Customer {
  agreement_id: string;
  customer_id: string;
  org_code: string;
  user_id: string;
}

export interface CustomerPlan {
  plan: { code: string; key: string };
}

export interface NextBilling {
  /** Ends in `+11`, which `new Date()` can't parse. */
  next_billing_date: string;
}

export interface InvoiceDue {
  /** Ends in `+11`, which `new Date()` can't parse. */
  invoice_due_on: string;
}

export interface MeterUsage {
  meter_id: string;
  quantity: number;
}

export interface Passkey {
  passkey: { id: string };
  user: { id: string };
}
