from playwright.sync_api import expect

from attendance_mis.permissions import Role

PASSWORD = "a long walk to school"


def test_sign_in_by_keyboard(cast, open_page) -> None:
    governor = cast.people[Role.GOVERNOR]
    governor.set_password(PASSWORD)
    governor.save()
    page = open_page("/account/")
    expect(page).to_have_url("/sign-in/?next=/account/")
    page.get_by_label("E-mail").focus()
    page.keyboard.type(governor.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url("/account/")
