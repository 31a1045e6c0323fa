"""Every address of the site, in Indonesian. What is not listed here does not exist (sign-up, for one)."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path

from advocacy import csp, health
from members.admin.site import site as admin_site
from members.views.profile import set_language

accounts = [
    path("masuk/", account.login, name="account_login"),
    path("keluar/", account.logout, name="account_logout"),
    path("nonaktif/", account.account_inactive, name="account_inactive"),
    path("pastikan/", account.reauthenticate, name="account_reauthenticate"),
    path("sandi/ganti/", account.password_change, name="account_change_password"),
    path("sandi/buat/", account.password_set, name="account_set_password"),
    path("sandi/lupa/", account.password_reset, name="account_reset_password"),
    path("sandi/lupa/terkirim/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^sandi/lupa/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("sandi/selesai/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]

second_factor = [
    path("", mfa.index, name="mfa_index"),
    path("periksa/", mfa.authenticate, name="mfa_authenticate"),
    path("pastikan/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("aplikasi/pasang/", totp.activate_totp, name="mfa_activate_totp"),
    path("aplikasi/lepas/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("kode-cadangan/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("kode-cadangan/buat/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("kode-cadangan/unduh/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("kunci/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("kunci/tambah/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("kunci/masuk/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("kunci/pastikan/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("kunci/<int:pk>/ubah/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("kunci/<int:pk>/hapus/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("csp-report/", csp.report, name="csp-report"),
    path("bahasa/", set_language, name="set_language"),
    path("akun/", include(accounts)),
    path("akun/pengaman/", include(second_factor)),
    path("kelola/", admin_site.urls),
    path("", include("members.urls")),
    path("", include("cases.urls")),
]
