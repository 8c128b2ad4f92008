//! The texts of letters, in the reader's language. Subjects hold nothing personal.

use domain::types::Language;
use notifications::mail::Letter;

/// The letter with a reset token.
pub fn reset(to: String, language: Language, token: &str) -> Letter {
    let (subject, before, after) = match language {
        Language::Kk => (
            "Құпиясөзді қалпына келтіру",
            "Сәлеметсіз бе! Күнделіктің құпиясөзін жаңарту үшін қолданбаға мына кодты енгізіңіз:",
            "Код 24 сағат жарамды. Егер мұны сіз сұрамаған болсаңыз, хатқа мән бермеңіз: құпиясөз өзгермейді.",
        ),
        Language::Ru => (
            "Восстановление пароля",
            "Здравствуйте! Чтобы задать новый пароль дневника, введите в приложении этот код:",
            "Код действует 24 часа. Если вы об этом не просили, ничего не делайте: пароль останется прежним.",
        ),
        Language::En => (
            "Password reset",
            "Hello! To set a new password for the diary, enter this code in the app:",
            "The code is good for 24 hours. If you did not ask for it, do nothing: your password stays as it is.",
        ),
    };
    Letter { to, subject: subject.to_owned(), text: format!("{before}\n\n{token}\n\n{after}\n\nApta\n") }
}
