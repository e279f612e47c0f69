//! What the names of Boxberry's statuses mean: those of its documentation, and
//! the newer ones of its tracking page, which some contracts get.

use posthorn_domain::{
    scan::ScanMeaning::{self, Note, Status, Unknown},
    status::Reason,
};

/// Compared without regard to case: both `Пункта выдачи` and `пункта выдачи` occur.
pub(super) fn map_meaning(name: &str) -> ScanMeaning {
    let name = name.trim().to_lowercase();
    let reason = match name.as_str() {
        "заказ создан в личном кабинете"
        | "не в акте"
        | "в обработке"
        | "загружен реестр им"
        | "получена информация о заказе. отправление еще не передано на доставку в boxberry" => {
            Reason::Label
        }
        "принято к доставке" | "заказ передан на доставку" => {
            Reason::Accepted
        }
        // Being made ready for the way, and on the way.
        "передано на сортировку"
        | "отправлен на сортировочный терминал"
        | "ожидает отправки в город получателя"
        | "в пути на терминал"
        | "в пути из отделения на терминал"
        | "в пути в город получателя"
        | "передан на доставку до пункта выдачи" => Reason::Moving,
        "отправлено в город назначения" => Reason::DepartureScan,
        "поступил на сортировочный терминал"
        | "на терминале-отправителе"
        | "на отделении-получателе"
        | "в городе получателя"
        | "в городе получателя. ожидайте поступления в пункт выдачи"
        | "поступил в город для передачи курьеру"
        | "обработка на складе курьерской доставки" => {
            Reason::ArrivalScan
        }
        "передано на курьерскую доставку"
        | "передан на курьерскую доставку, курьер позвонит за 30-60 минут до доставки"
        | "передано курьеру, курьер позвонит за 30-60 минут до доставки" => {
            Reason::Today
        }
        "поступило в пункт выдачи" | "доступен к получению в пункте выдачи" => {
            Reason::Ready
        }
        "выдано" | "успешно выдан" => Reason::DeliveredGeneric,
        "возвращено с курьерской доставки" => Reason::AttemptGeneric,
        // Still at the pick-up point, then on the way, then at Boxberry's
        // own place where the shop had handed it in: not yet with the shop.
        "готовится к возврату"
        | "заказ передан на возврат в интернет-магазин"
        | "отправлено в пункт приема"
        | "заказ в пути в интернет-магазин"
        | "возвращено в пункт приема" => Reason::ToSender,
        "возвращено в им" | "заказ возвращен в интернет-магазин" => {
            Reason::Received
        }
        "ошибка выгрузки" => Reason::RejectedByCarrier,
        // Another day was agreed.
        "перенос срока курьерской доставки" | "искусственная проблема" =>
        {
            return Note;
        }
        _ => return Unknown,
    };
    Status(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter() {
        assert_eq!(
            map_meaning("Передан на доставку до Пункта выдачи"),
            map_meaning("передан на доставку до пункта выдачи ")
        );
    }

    #[test]
    fn back_at_the_place_of_acceptance_is_not_back_at_the_shop() {
        assert_eq!(
            map_meaning("Возвращено в пункт приема"),
            Status(Reason::ToSender)
        );
        assert_eq!(map_meaning("Возвращено в ИМ"), Status(Reason::Received));
    }

    #[test]
    fn a_new_name_is_unknown() {
        assert_eq!(map_meaning("Съедено драконом"), Unknown);
        assert_eq!(map_meaning(""), Unknown);
    }
}
